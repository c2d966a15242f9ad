import type { GatewayError } from '../gateway.ts';
import { page, type Answer } from '../http.ts';
import { markup } from '../html.ts';
import type { Visitor } from '../visitor.ts';
import { backHome, note, type Note } from './notes.ts';

type Known = Pick<Visitor, 'name' | 'email'>;

function errorPage(status: number, told: Note, visitor?: Known): Answer {
  const body = markup`<h1 class="visually-hidden">${told.title}</h1>${note(told)}${visitor && backHome()}`;
  return page(status, { title: told.title, body, ...(visitor ? { visitor } : {}) });
}

/** Nobody is known: without the gateway's signature no name, e-mail or token of a request counts. */
export function strangerPage(refused: string, url: URL): Answer {
  return errorPage(401, {
    tone: 'bad',
    title: 'You are not signed in',
    text: [
      `This request does not carry the gateway’s signed word on who you are: ${refused}.`,
      'The application is made to stand behind a client route of the gateway, with pass_identity_headers: true.',
    ],
    action: markup`<a class="button" href="${url.href}">Open it at the gateway</a>`,
  });
}

export function notFoundPage(visitor: Known): Answer {
  return errorPage(
    404,
    {
      tone: 'warn',
      title: 'There is no such page',
      text: ['The address is wrong, or the gateway has no such server or tool any more.'],
    },
    visitor,
  );
}

export function gatewayErrorPage(visitor: Known, { kind, message }: GatewayError): Answer {
  if (kind === 'refused') {
    const text = [
      'The gateway does not take the token of this request any more. Each page brings a fresh one: load the page again.',
    ];
    return errorPage(502, { tone: 'warn', title: 'The token was refused', text, action: again() }, visitor);
  }
  const title = kind === 'unreachable' ? 'The gateway cannot be reached' : 'The gateway’s answer cannot be used';
  const text = [`The application asked the gateway for its MCP servers, but ${message}.`];
  return errorPage(502, { tone: 'bad', title, text, action: again() }, visitor);
}

export function forgedPage(visitor: Known, reason: string): Answer {
  return errorPage(
    403,
    {
      tone: 'warn',
      title: 'Nothing was done',
      text: [`The form was not accepted: ${reason}. Go back, load the page again, and send it once more.`],
    },
    visitor,
  );
}

export function badFormPage(visitor: Known): Answer {
  const text = ['What was sent is no form of this application, or is larger than 1 MiB.'];
  return errorPage(413, { tone: 'bad', title: 'The form was not read', text }, visitor);
}

export function brokenPage(visitor: Known): Answer {
  const text = ['That is a fault of the application. Its log says more.'];
  return errorPage(500, { tone: 'bad', title: 'Something went wrong', text, action: again() }, visitor);
}

function again(): ReturnType<typeof markup> {
  return markup`<a class="button" href="">Try again</a>`;
}
