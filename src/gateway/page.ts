/** What a page of Pomerium tells its script: the whole content of the page. */
export type PageData = { page: string; status?: number | string; statusText?: string; description?: string } & Record<
  string,
  unknown
>;

/** An HTML page that reads well without a script and carries its data as JSON for those who look. */
export function renderPage(data: PageData): string {
  const title =
    [data.status, data.statusText].filter((part) => part !== undefined && part !== '').join(' ') || data.page;
  const explanations = explanationsOf(data);
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(title)}</title>`,
    '<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}small{color:#666}</style>',
    `</head><body><h1>${escapeHtml(title)}</h1>`,
    ...explanations.map((text) => `<p>${escapeHtml(text)}</p>`),
    typeof data['requestId'] === 'string' ? `<small>Request ${escapeHtml(data['requestId'])}</small>` : '',
    `<script type="application/json" id="data">${escapeJson(data)}</script>`,
    '</body></html>',
    '',
  ].join('\n');
}

function explanationsOf(data: PageData): string[] {
  const traces: unknown = data['policyEvaluationTraces'];
  const lines = Array.isArray(traces) ? (traces as { explanation: string; remediation: string }[]) : [];
  const texts = [data.description ?? '', ...lines.flatMap((trace) => [trace.explanation, trace.remediation])];
  return texts.filter((text) => text !== '');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** JSON that cannot end the script element it stands in, escaped as Go's encoding/json does. */
function escapeJson(data: PageData): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
