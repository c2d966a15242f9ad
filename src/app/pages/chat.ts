import type { CallItem, Chat, Item, ItemOf } from '../chat/chat.ts';
import type { Model } from '../chat/model.ts';
import { Html, markup } from '../html.ts';
import { markdown } from './markdown.ts';
import { failureNote } from './notes.ts';
import { resultView } from './result.ts';

export interface ChatView {
  chat: Chat;
  model: Model;
  /** Names to choose from; one when it is fixed; none when the service does not tell. */
  models: readonly string[];
  forgery: string;
}

export function chatPage({ chat, model, models, forgery }: ChatView): Html {
  const hidden = markup`<input type="hidden" name="forgery" value="${forgery}">`;
  const follow = chat.isRunning && markup` data-follow="/chat/events?since=${chat.version}"`;
  const empty = markup`<p class="soft">Ask something that the tools of this gateway’s servers can answer. Each call is shown; calls that may change something ask you first. Messages and what tools answer go to ${model.service}.</p>`;
  return markup`<div class="row"><h1>Chat</h1>${
    chat.items.length > 0 && markup`<form method="post" action="/chat/new">${hidden}<button>New chat</button></form>`
  }</div>
${chat.items.length === 0 && empty}
<ol class="talk" id="talk" role="log" aria-label="Conversation"${follow}>${chat.items.map((item) => chatItem(item, forgery))}</ol>
<div class="composer" id="end">${
    chat.isRunning
      ? markup`<form method="post" action="/chat/stop" class="row">${hidden}<span class="working soft" role="status">${chat.isAsking ? 'Waiting for you' : 'Answering…'}</span><button>Stop</button></form>`
      : composer(chat, models, hidden)
  }</div>`;
}

function composer(chat: Chat, models: readonly string[], hidden: Html): Html {
  return markup`<form method="post" action="/chat">${hidden}
<label class="visually-hidden" for="message">Message</label>
<textarea id="message" name="message" rows="2" required data-enter="send" placeholder="Message"></textarea>
<div class="row actions"><div class="grow">${modelChoice(chat.model, models)}</div><button class="main" data-default data-busy="Sending…">Send</button></div></form>`;
}

function modelChoice(last: string | undefined, models: readonly string[]): Html {
  const [only] = models;
  if (models.length === 1) return markup`<span class="soft small">Model: ${only}</span>`;
  const label = markup`<label class="visually-hidden" for="model">Model</label>`;
  if (models.length === 0) {
    return markup`${label}<input id="model" name="model" required value="${last ?? ''}" placeholder="Name of the model">`;
  }
  return markup`${label}<select id="model" name="model">${models.map(
    (name) => markup`<option${name === last && Html.of(' selected')}>${name}</option>`,
  )}</select>`;
}

/** One entry of the conversation; also sent alone while it changes. */
export function chatItem(item: Item, forgery: string): Html {
  switch (item.kind) {
    case 'user':
      return markup`<li class="turn user" id="${item.id}"><h3>You</h3><div class="said">${item.text}</div></li>`;
    case 'assistant':
      if (item.text === '' && !item.working) return markup`<li id="${item.id}" hidden></li>`;
      return markup`<li class="turn" id="${item.id}"${item.working && Html.of(' aria-busy="true"')}><h3>Assistant</h3>${
        item.text === '' ? markup`<p class="working soft">Thinking…</p>` : markdown(item.text)
      }</li>`;
    case 'note':
      return markup`<li class="turn ${item.tone}" id="${item.id}">${item.text}</li>`;
    default:
      return callView(item, forgery);
  }
}

const STATES: Readonly<Record<CallItem['state'], { tone: string; text: string }>> = {
  asking: { tone: 'warn', text: '! waits for your word' },
  running: { tone: '', text: 'running…' },
  done: { tone: 'good', text: '✓ done' },
  refused: { tone: 'warn', text: '! not called' },
  failed: { tone: 'bad', text: '✗ failed' },
};

function callView(item: ItemOf<'call'>, forgery: string): Html {
  const { tone, text } = STATES[item.state];
  const took = item.took === undefined ? '' : ` · ${Math.max(1, Math.round(item.took))} ms`;
  return markup`<li class="turn" id="${item.id}"><h3>Tool call <span class="badge ${tone}">${text}${took}</span></h3>
<p><b><bdi>${item.tool}</bdi></b> <span class="soft">of <bdi>${item.server}</bdi></span></p>
${Object.keys(item.args).length > 0 && markup`<pre tabindex="0">${JSON.stringify(item.args, null, 2)}</pre>`}
${item.state === 'asking' && question(item, forgery)}
${item.failure && failureNote(item.failure)}
${item.result && markup`<details${item.result.isError && Html.of(' open')}><summary>Answer</summary>${resultView(item.result)}</details>`}</li>`;
}

function question({ id }: Item, forgery: string): Html {
  return markup`<form method="post" action="/chat/answer" class="actions">
<input type="hidden" name="forgery" value="${forgery}"><input type="hidden" name="call" value="${id}">
<p>This tool does not say that it only reads. Call it?</p>
<button name="consent" value="once" class="main">Call it</button><button name="consent" value="always">Always in this chat</button><button name="consent" value="never">Do not call</button></form>`;
}

export function noKeyPage(): Html {
  return markup`<h1>Chat</h1>
<p>A language model can use the tools of this gateway’s servers, as you. For that the application needs a key, which stays with it: no browser ever gets it.</p>
<section class="card"><h2>To set it</h2>
<p class="soft">Give the application one of these in its environment and start it again. In a project that is the service’s <code>environment</code> in <code>docker-compose.yaml</code>, with the value in <code>.env</code>.</p>
<dl><dt>Anthropic</dt><dd><code>ANTHROPIC_API_KEY</code>; another address by <code>ANTHROPIC_BASE_URL</code></dd>
<dt>OpenAI, and what speaks its API (Ollama, vLLM, LM Studio, …)</dt><dd><code>OPENAI_API_KEY</code>; another address by <code>OPENAI_BASE_URL</code></dd>
<dt>The model</dt><dd><code>LLM_MODEL</code>; without it the model is chosen here, from what the service offers</dd></dl>
</section>`;
}
