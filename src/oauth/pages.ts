/** The two pages that a browser sees at the end of a sign-in. Nothing of the request is repeated in them. */
export const SUCCESS_PAGE = page('Signed in', 'mcpgw has its answer. You can close this window.');
export const ERROR_PAGE = page(
  'Not signed in',
  'The sign-in did not work; the terminal says why. You can close this window.',
);
export const STRAY_PAGE = page(
  'Nothing here',
  'This address only waits for the end of a sign-in. You can close this window.',
);

/** No referrer and no caching: the page's own address holds the code. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  connection: 'close',
} as const;

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title} - mcpgw</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto 0; padding: 0 1rem }</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;
}
