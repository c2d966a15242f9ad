import { isDeepStrictEqual } from 'node:util';
import { messagesOf, summaryOf, type Reply } from './recordings.ts';

/** One way in which these servers answer otherwise than the recorded one, on purpose. */
export interface Difference {
  why: string;
  /** The recordings it shows in. */
  names: RegExp;
  /** Whether `ours` differs from `theirs` in this way and no other. */
  holds(ours: Reply, theirs: Reply): boolean;
}

const NO_IDENTITY = 'no identity was passed in the request context';

/** `ours` begins like this, as `summaryOf` writes it. */
function says(start: string): Difference['holds'] {
  return (ours) => summaryOf(ours).startsWith(start);
}

type Change = (message: Record<string, unknown>) => unknown;

function isSameBut(change: Change): Difference['holds'] {
  return (ours, theirs) =>
    ours.status === theirs.status && isDeepStrictEqual(changed(ours, change), changed(theirs, change));
}

function changed(reply: Reply, change: Change): unknown[] {
  return messagesOf(reply).map((message) => change(message as Record<string, unknown>));
}

function withoutAnnotations(message: Record<string, unknown>): unknown {
  const tools = (message['result'] as { tools?: Record<string, unknown>[] } | undefined)?.tools;
  return tools
    ? { ...message, result: { tools: tools.map((tool) => ({ ...tool, annotations: undefined })) } }
    : message;
}

function withoutNegotiation(message: Record<string, unknown>): unknown {
  const { capabilities: _, protocolVersion: _version, ...result } = message['result'] as Record<string, unknown>;
  return { ...message, result };
}

const holdsError = (status: number, code: number): Difference['holds'] => says(`${status} application/json ${code} `);
const isToolError = says('200 text/event-stream isError ');

export const DIFFERENCES: readonly Difference[] = [
  {
    why: 'tools carry annotations, so that a client can tell reading from writing',
    names:
      /^(whoami|sqlite)-tools-list$|^version-header-20(24-11-05|25-03-26|25-06-18)$|^version-header-empty$|^life-list-first$|^list-params?null$|^list-noparams$|^rpc-batch(-0326)?$|^session-(3-list|5-after-delete|bogus)$|^http-http10-list$/,
    holds: isSameBut(withoutAnnotations),
  },
  {
    why: 'only what is there is declared: tools, whose list does not change; versions up to 2025-11-25 are negotiated',
    names: /^(whoami|sqlite)-initialize-|^life-init-header-mismatch$|^session-(1-initialize|bogus-init|weird-init)$/,
    holds: (ours, theirs) =>
      isSameBut(withoutNegotiation)(ours, theirs) &&
      /"protocolVersion":"20(24-10-07|24-11-05|25-03-26|25-06-18|25-11-25)","capabilities":\{"tools":\{"listChanged":false\}\}/.test(
        summaryOf(ours),
      ),
  },
  {
    why: '2025-11-25 is spoken',
    names: /^version-header-2025-11-25$|^life-init-header-1125$/,
    holds: says('200 text/event-stream {'),
  },
  {
    why: '2026-07-28 is spoken',
    names: /-discover-2026$/,
    holds: says('200 application/json {"supportedVersions":["2026-07-28"]'),
  },
  {
    why: '2026-07-28 is spoken',
    names: /^life-call-2026$/,
    holds: says(`200 application/json isError ${NO_IDENTITY}`),
  },
  {
    why: '2026-07-28 asks for header and body to agree (-32020) and for the envelope (-32602)',
    names: /^life-(call-2026-noheader|discover-0618|discover-noheader)$|^version-header-(2026-07-28|bogus)$/,
    holds: (ours) => /^400 application\/json -(32020|32602) /.test(summaryOf(ours)),
  },
  {
    why: 'a version header that names two versions names none',
    names: /^version-header-twice$/,
    holds: holdsError(400, -32000),
  },
  {
    why: 'wrong arguments are a tool error, which a model can read and mend: MCP 2025-11-25, SEP-1303',
    names:
      /^args-(absent|case|extra|extra-noargtool|missing|nullvalue|null|number|object|wrongname)$|^jwt-args$|^sqlite-update-missing$/,
    holds: says('200 text/event-stream isError Input validation error: Invalid arguments for tool '),
  },
  {
    why: 'an unknown tool has the same code in other words',
    names: /^args-(othertool|toolcase|unknowntool)$/,
    holds: (ours) => /^200 text\/event-stream -32602 Tool \w+ not found$/.test(summaryOf(ours)),
  },
  {
    why: 'a malformed call has the code for invalid parameters in other words, and 0 is no code of JSON-RPC',
    names: /^args-(array|name-number|noname|noparams|string)$/,
    holds: says('200 text/event-stream -32602 Invalid tools/call request'),
  },
  {
    why: 'initialize without its parameters is an error either way',
    names: /^life-init-(emptyparams|noparams)$/,
    holds: says('200 text/event-stream -32603 '),
  },
  {
    why: 'an unknown cursor is passed over: the list has one page',
    names: /^list-cursor$/,
    holds: says('200 text/event-stream {"tools":['),
  },
  {
    why: 'only what was declared is answered; the code is the one JSON-RPC has for it, with HTTP 200 as in all of 2025',
    names:
      /^method-(Tools-List|completion-complete|empty|logging-setLevel|no-such|prompts-get|prompts-list|resources-list|resources-read|resources-subscribe|resources-templates-list|sampling-createMessage|tasks-list)$|^rpc-notification-with-id$/,
    holds: says('200 text/event-stream -32601 Method not found'),
  },
  {
    why: 'a batch answers what it can',
    names: /^rpc-batch-bad$/,
    holds: says('200 text/event-stream {} -32601 Method not found'),
  },
  {
    why: 'an unknown notification is passed over, as JSON-RPC 2.0 §4.1 has it',
    names: /^notification-unknown$|^rpc-id-missing$/,
    holds: says('202'),
  },
  {
    why: 'what is no JSON-RPC message is told as JSON-RPC, -32700 or -32600, not as plain text; JSON-RPC is read as it is written',
    names:
      /^rpc-(bom|empty-body|emptyobject|id-null|id-object|invalid-json|jsonrpc-10|jsonrpc-missing|null|number|string|two|case|extra-member|id-big|id-float|batch-0618|batch-empty|batch-dup|batch-init)$|^list-paramsarray$|^life-init-arrayparams$/,
    holds: (ours) => /^400 application\/json -32(600|700) /.test(summaryOf(ours)),
  },
  {
    why: 'a refused Accept is 406, told as JSON-RPC',
    names: /^http-accept-(empty|html|json|none|sse)$/,
    holds: holdsError(406, -32000),
  },
  {
    why: 'parameters and capitals in Accept are read: RFC 9110 §12.5.1',
    names: /^http-accept-(anyq|charset|q|upper)$/,
    holds: says('200 text/event-stream {}'),
  },
  {
    why: 'a body that a browser may send to other origins without asking first is refused',
    names: /^http-ct-(form|none|sse|text)$/,
    holds: holdsError(415, -32000),
  },
  {
    why: 'there is no session to get or delete: 405 with Allow, as MCP 2025-11-25 has it for servers without one',
    names: /^(http|whoami|sqlite)-(get|delete)|^http-method-(options|patch|put|trace)$|^session-4-delete$/,
    holds: (ours) => holdsError(405, -32000)(ours, ours) && ours.headers.get('allow') === 'POST',
  },
  {
    why: 'the answer to HEAD is that to GET without its body',
    names: /^http-(method-head|head-sse)$/,
    holds: says('405 application/json'),
  },
  { why: 'a method that HTTP does not have is refused by the parser', names: /^http-method-foo$/, holds: says('400') },
  { why: 'the refusal of a request without Host has no body', names: /^http-host-missing$/, holds: says('400') },
  {
    why: 'Host and Origin are checked, against DNS rebinding',
    names:
      /^http-host-(a-b|empty|evil-example|evil-example-99|whoami-corp-test)$|^http-origin-(https-evil-example|null)$|^http-preflight$|^http-http10$/,
    holds: holdsError(403, -32000),
  },
  {
    why: 'Last-Event-ID is for GET streams; on POST it is passed over',
    names: /^http-lastevent-post$/,
    holds: says('200 text/event-stream {}'),
  },
  {
    why: 'only the exact path counts; nothing is redirected',
    names: /^http-path-(dots|dots-get|doubleslash)$/,
    holds: says('404 text/plain'),
  },
  { why: 'there is a health path', names: /^http-path-health$/, holds: says('200 text/plain') },
  {
    why: 'the tool error says why there is no identity',
    names:
      /^jwt-(alg-none|bearer|claims-headers|cookie-bearer|empty|exp-70s|exp-past|exp-string|forged-samekid|garbage|iat-future|iss-array|iss-closed|iss-empty|iss-ftp|iss-missing|iss-odd|iss-unknownhost|kid-none|kid-unknown-1|kid-unknown-2|name-number|nbf-future|none|query|twice)$/,
    holds: (ours, theirs) => summaryOf(ours).startsWith(`${summaryOf(theirs)}: `),
  },
  {
    why: 'weakness of the public server: any issuer is believed, keys come from where the token says',
    names: /^jwt-iss-(http|ip|other|path|port|uri-port)$/,
    holds: (ours) => isToolError(ours, ours) && summaryOf(ours).endsWith("is none of this server's"),
  },
  {
    why: 'weakness of the public server: the audience is not looked at',
    names: /^jwt-aud-/,
    holds: says(`200 text/event-stream isError ${NO_IDENTITY}: the assertion's claim aud is wrong`),
  },
  {
    why: 'weakness of the public server: an assertion without times never ends',
    names: /^jwt-(exp|iat)-none$/,
    holds: says(`200 text/event-stream isError ${NO_IDENTITY}: the assertion's claim `),
  },
  {
    why: 'one algorithm, the one that Pomerium signs with',
    names: /^jwt-alg-(es384|rs256)$/,
    holds: says(`200 text/event-stream isError ${NO_IDENTITY}: the assertion is not signed with ES256`),
  },
  {
    why: 'the compact form is the one that Pomerium writes',
    names: /^jwt-jws-json$/,
    holds: says(`200 text/event-stream isError ${NO_IDENTITY}: the assertion is no signed JWT`),
  },
  {
    why: 'jwt_issuer_format: uri works; claims that whoami does not show are not judged',
    names: /^jwt-(iss-uri-slash|groups-string)$/,
    holds: says('200 text/event-stream {"Name":"Alice TestUser","Email":"alice@company.com"}'),
  },
  {
    why: 'weakness of the public server: further statements behind a SELECT are run',
    names:
      /^sql-inject-(after-query-only|attach|attach-etc|attach-other|attach-read|begin|begin-again|comment-second|create|delete|drop|error-after|insert|insert-select|pragma|pragma-off|readonly-uri|returning|rollback|two-selects|update-schema|vacuum)$/,
    holds: says('200 text/event-stream isError Only one statement is allowed in a query.'),
  },
  {
    why: 'a NUL is refused instead of hiding what stands behind it',
    names: /^sql-(error-nul|inject-nul-second)$/,
    holds: says('200 text/event-stream isError Error executing query: the query has a NUL'),
  },
  {
    why: 'weakness of the public server: an attached file stays for the next caller',
    names: /^sql-inject-attach-sticky$/,
    holds: says('200 text/event-stream isError Error executing query: SQL logic error: no such table: o.customers (1)'),
  },
  {
    why: 'weakness of the public server: paths of files are shown',
    names: /^sql-inject-dblist$/,
    holds: says('200 text/event-stream isError Error executing query: authorization denied'),
  },
  {
    why: 'nothing was injected, so the schema is the one from the start',
    names: /^sql-inject-schema$/,
    holds: (ours) => !summaryOf(ours).includes('injected'),
  },
  {
    why: 'nothing was injected, so the tables are the ones from the start',
    names: /^sqlite-list-after$/,
    holds: (ours) => !summaryOf(ours).includes('injected') && summaryOf(ours).includes('dash-ed'),
  },
  {
    why: 'weakness of the public server: honest queries that do not begin with SELECT are refused',
    names: /^sql-refused-(blockcomment|bom|comment|explain|values|with)$/,
    holds: says('200 text/event-stream [{'),
  },
  {
    why: 'weakness of the public server: a cut answer is broken JSON; here it ends with a whole row and says so apart',
    names: /^sql-large-(over|rows|utf8)$/,
    holds: (ours) =>
      /^200 text\/event-stream \[\{.*\}\] \| \.\.\. \(results truncated\): the first /.test(summaryOf(ours)),
  },
  {
    why: 'one value may not use up the memory',
    names: /^sql-large-hugecell$/,
    holds: says('200 text/event-stream isError Error executing query: string or blob too big (18)'),
  },
  {
    why: 'every BLOB is shown by its length, none as broken text',
    names: /^sql-(blob|expr-blob|odd)$/,
    holds: (ours) => summaryOf(ours).includes('BLOB data (length ') && !summaryOf(ours).includes('�"'),
  },
  {
    why: 'weakness of the public server: of two columns with one name the first is lost',
    names: /^sql-dupcols$/,
    holds: says('200 text/event-stream [{"3":3,"a":1,"a:1":2}]'),
  },
  {
    why: 'weakness of the public server: an infinite number loses the whole answer',
    names: /^sql-infinity$/,
    holds: says('200 text/event-stream [{"inf":"Infinity"}]'),
  },
  {
    why: 'a named parameter is told like any other',
    names: /^sql-param-named$/,
    holds: says('200 text/event-stream isError Error executing query: missing argument with index 1'),
  },
  {
    why: 'another build of SQLite: its options, modules, version and last digit of 1.5e300',
    names: /^sql-(compile|modules|version|types)$/,
    holds: says('200 text/event-stream [{'),
  },
  {
    why: 'a table that list_tables names can be described',
    names: /^sqlite-describe-x-(dash|quote)$/,
    holds: says('200 text/event-stream [{"cid":0,'),
  },
  {
    why: 'a NUL in a name is told in the words for other such characters',
    names: /^sqlite-describe-x-nul$/,
    holds: says('200 text/event-stream isError Invalid characters in table name.'),
  },
];
