import type { Tool, ToolResult } from '../../mcp/index.ts';
import type { Failure } from '../failure.ts';
import type { Field } from '../form/fields.ts';
import { inputName, WHOLE } from '../form/read-form.ts';
import type { ListedServer } from '../gateway.ts';
import { Html, markup } from '../html.ts';
import { fieldView } from './fields.ts';
import { serverLink, type Links } from './home.ts';
import { failureNote } from './notes.ts';
import { resultView } from './result.ts';
import { titleOf, toolBadges, toolLink } from './server.ts';

/** How a call has ended. */
export type Outcome = { took: number } & ({ result: ToolResult } | { failure: Failure });

export interface ToolView {
  server: ListedServer;
  tool: Tool;
  fields: readonly Field[];
  links: Links;
  /** What was filled in before. */
  sent?: URLSearchParams;
  faults?: ReadonlyMap<string, string>;
  outcome?: Outcome;
}

export function toolPage(view: ToolView): Html {
  const { server, tool, outcome, faults } = view;
  return markup`<p class="small"><a href="${serverLink(server)}">← <bdi>${server.name}</bdi></a></p>
<h1><bdi>${titleOf(tool)}</bdi></h1>
${titleOf(tool) !== tool.name && markup`<p class="soft small"><code>${tool.name}</code></p>`}
${tool.description && markup`<p class="description">${tool.description}</p>`}
<div class="badges">${toolBadges(tool)}</div>
${outcome && outcomeView(outcome, view)}
${faults && faults.size > 0 && summary(faults)}
${form(view)}
<details><summary>Schema</summary><pre tabindex="0">${JSON.stringify(tool.inputSchema, null, 2)}</pre>
${tool.outputSchema && markup`<p>Of the answer:</p><pre tabindex="0">${JSON.stringify(tool.outputSchema, null, 2)}</pre>`}</details>`;
}

function form({ server, tool, fields, links, sent, faults }: ToolView): Html {
  const whole = sent?.get(WHOLE) ?? '';
  const hasWhole = whole !== '' || faults?.has(WHOLE) === true;
  return markup`<section class="card" aria-label="Arguments"><form method="post" action="${toolLink(server, tool.name)}">
<input type="hidden" name="forgery" value="${links.forgery}">
${fields.map((field, i) => fieldView({ field, id: `f${i}`, sent: sent && sent.getAll(inputName(field)), fault: faults?.get(field.name) }))}
${fields.length === 0 && markup`<p class="soft">This tool takes no arguments.</p>`}
<div class="actions"><button class="main" data-default data-busy="Calling…">Call<span class="visually-hidden"> ${titleOf(tool)}</span></button></div>
<details${hasWhole && Html.of(' open')}><summary>Write the arguments as JSON instead</summary>
<div class="field"><label for="whole">Arguments as one JSON object</label>
<textarea id="whole" name="${WHOLE}" class="code" rows="4" spellcheck="false"${faults?.has(WHOLE) === true && Html.of(' aria-invalid="true" aria-describedby="whole-fault"')}>
${whole}</textarea>${faults?.has(WHOLE) === true && markup`<p class="fault" id="whole-fault">✗ ${faults.get(WHOLE)}</p>`}</div>
<button formnovalidate data-busy="Calling…">Call with this JSON</button></details>
</form></section>`;
}

function summary(faults: ReadonlyMap<string, string>): Html {
  return markup`<div class="note bad" role="alert" tabindex="-1" autofocus><h2>✗ Not called: ${faults.size === 1 ? 'one argument is' : `${faults.size} arguments are`} not right</h2>
${[...faults].map(([name, fault]) => markup`<p>${name === WHOLE ? 'JSON' : name}: ${fault}</p>`)}</div>`;
}

function outcomeView(outcome: Outcome, { server, links }: ToolView): Html {
  const took = markup`<span class="soft small">${duration(outcome.took)}</span>`;
  if ('failure' in outcome) {
    const action =
      outcome.failure.kind === 'sign-in'
        ? markup`<a class="button main" href="${links.connect(server)}">Connect</a>`
        : undefined;
    return markup`${failureNote(outcome.failure, action)}<p>${took}</p>`;
  }
  const { isError } = outcome.result;
  return markup`<section class="card" aria-labelledby="result"><div class="row"><h2 id="result" tabindex="-1" autofocus>${
    isError
      ? markup`<span class="badge bad">✗ The tool reports an error</span>`
      : markup`<span class="badge good">✓ Answer</span>`
  }</h2>${took}</div>
<div class="result-body">${resultView(outcome.result)}</div></section>`;
}

/** Milliseconds as people read them. */
function duration(took: number): string {
  return took < 1_000 ? `${Math.max(1, Math.round(took))} ms` : `${(took / 1_000).toFixed(1)} s`;
}
