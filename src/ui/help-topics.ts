/** Help that belongs to no single command. */
export const TOPICS: Record<string, { summary: string; text: string }> = {
  'exit-codes': {
    summary: 'what each exit code means',
    text: `Exit codes

    0   done, or already so
    1   failed
    2   wrong usage: unknown command or flag, missing value
    3   not healthy: doctor found a fault, status found something down, a wait
        ran out
    4   sign-in needed or refused, or the policy refuses this user
  130   interrupted by Ctrl+C

A child that a signal ended is reported as 128 plus the signal's number. Every
error also has a stable code in capitals (PORT_BUSY, POLICY_DENIED, ...); with
--json it stands in error.code.
`,
  },
  environment: {
    summary: 'environment variables',
    text: `Environment variables

  MCPGW_ADDRESS, MCPGW_DOMAIN, MCPGW_PORT, MCPGW_IDP_PORT, MCPGW_SERVERS,
  MCPGW_ALLOW, MCPGW_SIGN_IN, MCPGW_ENGINE, MCPGW_FOLDER
                          answers for create; a flag beats them
  MCPGW_IDP_URL, MCPGW_IDP_CLIENT_ID, MCPGW_IDP_CLIENT_SECRET
                          the identity provider of create --sign-in
  MCPGW_ADD, MCPGW_NAME, MCPGW_TO, MCPGW_SERVER_PORT, MCPGW_POSTGRES_URL
                          answers for add, with MCPGW_CLIENT_ID and
                          MCPGW_CLIENT_SECRET of the provider's application
  MCPGW_AS, MCPGW_SCOPE, MCPGW_CLIENT_ID, MCPGW_CLIENT_SECRET,
  MCPGW_CLIENT_METADATA_URL
                          answers for token, tools, call; a flag beats them
  MCPGW_STATE_DIR         where tokens and registrations are kept
  MCPGW_DEBUG=1           as --debug
  MCPGW_NO_UPDATE_NOTIFIER=1, NO_UPDATE_NOTIFIER=1
                          never look for a newer version
  CI                      set: never ask, never draw moving lines
  NO_COLOR, FORCE_COLOR   colours off, colours on
  TERM=dumb               no colours, no questions
  COLUMNS                 width of the text where no terminal tells it
  BROWSER                 program that opens URLs; "none" opens nothing
  DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION, SSH_TTY, WSL_DISTRO_NAME, PATH
                          whether a browser can be expected here
  HOME, XDG_STATE_HOME, LOCALAPPDATA
                          base of the state folder: Linux and macOS, Linux,
                          Windows
  NODE_EXTRA_CA_CERTS     PEM file of authorities to trust, read by Node

For the Docker engine
  DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_TLS_VERIFY,
  DOCKER_CERT_PATH        where the Engine is, as for the docker program
  MCPGW_NODE_IMAGE        base of the image of our own parts (node:24-slim)

For mcpgw serve, the reference MCP servers; a flag beats them
  HOST, PORT              address to listen on (127.0.0.1, 8080)
  ALLOWED_HOSTS, ALLOWED_ORIGINS
                          Host names and browser origins to answer
  WHOAMI_ISSUERS, JWKS_URL
                          gateway hosts that whoami believes, and their keys
  SSL_CERT_FILE           PEM file of authorities to trust for keys and APIs
  SQLITE_DB_FILE          database that sqlite reads
  SQLITE_TIMEOUT, SQLITE_MAX_MEMORY, SQLITE_MAX_ROWS, SQLITE_MAX_BYTES,
  SQLITE_PROCESSES        limits of one query: seconds, MiB, rows, bytes; and
                          how many run at the same time
  POSTGRES_URL            database that postgres reads: postgresql://...
  POSTGRES_TIMEOUT, POSTGRES_MAX_ROWS, POSTGRES_MAX_BYTES,
  POSTGRES_CONNECTIONS    limits of one query: seconds, rows, bytes; and how
                          many run at the same time
  NOTION_API_URL, GITHUB_API_URL, GOOGLE_DRIVE_API_URL
                          other addresses of the providers' APIs, as for
                          GitHub Enterprise: https://git.example.com/api/v3

For mcpgw app, the demo application; a flag beats them; * must be set
  APP_URL *               its own address at the gateway
  HOST, PORT              address to listen on (127.0.0.1, 8090)
  GATEWAY_CA              PEM file of the gateway's authority
  ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY, OPENAI_BASE_URL
                          a language model for the chat; one key is enough
  LLM_MODEL               the model; chosen on the page without it

For mcpgw idp, the development identity provider; * must be set
  IDP_ISSUER *            its own origin: http://idp.localhost:9080
  IDP_CLIENT_SECRET *     secret of the application that signs users in
  IDP_REDIRECT_URIS *     where that application is answered; several are
                          separated by commas
  IDP_USERS *             {"admin":{"email":"...","name":"...","groups":[],
                          "claims":{}},...}
  IDP_DEFAULT_USERS       the same, for when IDP_USERS is empty
  IDP_CLIENT_ID           name of that application (mcpgw)
  IDP_LISTEN              host:port (127.0.0.1 and the issuer's port)
  IDP_STATE               SQLite file for keys and sign-ins; without it they
                          end with the process
  IDP_REFRESH_ROTATION=off
                          let a refresh token be used again

For mcpgw idp --as-upstream, the mock of a service behind the gateway
  UPSTREAM_CLIENT_SECRET  secret of the application registered beforehand; one
                          that everybody knows when it is left out

For mcpgw doctor, which looks at what other programs go by
  NO_PROXY, NODE_TLS_REJECT_UNAUTHORIZED
                          whether calls leave the machine past a proxy, and
                          whether certificates are checked
  XDG_DATA_HOME           where Pomerium keeps certificates without Docker

The gateway itself reads Pomerium's variables: each key of pomerium-config.yaml
in capitals (SHARED_SECRET, DATABROKER_STORAGE_TYPE, ...). They beat the file.
`,
  },
  faults: {
    summary: 'what mcpgw gateway --fault breaks on purpose',
    text: `Faults of the development gateway, for tests of MCP clients

  mcpgw gateway --config pomerium-config.yaml --fault expired-token

  expired-token           every External Token counts as expired: each call
                          ends in the 401 challenge
  503                     every upstream counts as unreachable
  dropped-stream          an answer breaks off after its first bytes
  refuse-refresh          the token endpoint refuses every refresh
  slow-token              the token endpoint waits 5 s before it answers;
                          slow-token=200: so many milliseconds
  wrong-content-type-token
                          the token endpoint calls its answer text/html

Several are separated by commas. Pomerium has none of them.
`,
  },
  'upstream-faults': {
    summary: 'what mcpgw idp --as-upstream --fault breaks on purpose',
    text: `Faults of the mock upstream provider, to try the gateway against

  mcpgw idp --as-upstream --fault short-tokens=2,refresh-refused

  metadata-404            there is no authorization server metadata
  metadata-redirect       the authorization server metadata has moved: a
                          redirect leads to it
  wrong-issuer            the metadata names another issuer than the one it was
                          asked for
  no-s256                 the metadata does not say that PKCE with S256 is
                          offered
  resource-metadata-404   the MCP server publishes no protected resource
                          metadata
  wrong-resource          the protected resource metadata is that of another
                          resource
  no-secret-expiry        registration gives a client_secret without
                          client_secret_expires_at
  registration-refused    refuses every registration with 403
  access-denied           whatever the user answers, the provider sends
                          error=access_denied
  wrong-state             the callback comes with another state
  wrong-iss               the callback names another issuer (RFC 9207), as in a
                          mix-up attack
  comma-scopes            scopes are separated by commas, as with Slack and
                          Linear; with a space they are unknown
  code-refused            refuses every code with 400 invalid_grant
  basic-only              the token endpoint takes client credentials in the
                          Authorization header only, as Notion’s and Airtable’s
                          do
  form-encoded            the token’s answer is a form, as GitHub’s is for those
                          who do not ask for JSON
  html-page               the token endpoint answers 200 with an HTML page, as a
                          proxy or a maintenance page does
  invalid-json            the token’s answer breaks off in the middle
  error-200               errors come with status 200:
                          {"ok":false,"error":"invalid_code"}, as Slack’s do
  nested-token            the user’s token stands in authed_user, as in Slack’s
                          classic answer
  no-access-token         the token’s answer is JSON without access_token
  huge-answer             the token’s answer is 2 MiB long
  slow                    the token endpoint waits 5000 ms before it answers;
                          slow=200: so many
  hanging                 the token endpoint takes the request and never answers
  closed-connection       the token endpoint closes the connection without an
                          answer
  short-tokens            access tokens live 5 s; short-tokens=2: so many
  no-refresh-token        gives no refresh token
  no-expiry               the token’s answer has no expires_in, yet the token
                          ends as ever
  expiry-string           expires_in is a text: "3600"
  clock-skew              the MCP server’s clock is 3600 s ahead, so that tokens
                          expire early; clock-skew=60: so many
  revoked-token           the MCP server refuses every token as revoked, before
                          it expires
  refresh-refused         refuses every refresh with 400 invalid_grant
  refresh-500             answers every refresh with 500
  refresh-reuse           a refresh token that is used twice revokes everything
                          that came of the sign-in
  refresh-lost            rotates the refresh token, but the answer is lost: the
                          connection closes
  insufficient-scope      every tools/call is answered 403 insufficient_scope,
                          whatever scopes the token has
  resource-403            every tools/call is answered 403 without a challenge

Several are separated by commas. docs/upstream-faults.md says what is seen of
each at the gateway, and what to do about it.
`,
  },
  files: {
    summary: 'where everything is kept',
    text: `Files

In a project
  pomerium-config.yaml    what Pomerium reads, word for word
  docker-compose.yaml     the services; what only mcpgw needs is in x-mcpgw
  .env                    secrets; mode 0600, git-ignored
  .env.example            the names of the secrets, without values
  .mcpgw/                 this machine's state, git-ignored:
    authority/ certs/     certificate authority and the gateway's certificate
    logs/                 one JSON line an entry, 3 files of 5 MB a service
    engine.json           the running engine: pid, socket, port
    gateway/ idp.sqlite   sessions, clients, grants (SQLite)
    postgres/ native/     database and configuration of the native engine
    secrets.json          when each secret was made

Of the user
  ~/.local/state/mcpgw/   tokens/ and clients/ (mode 0600): grants and
                          registrations, a file each; last-error.log
                          macOS: ~/Library/Application Support/mcpgw
`,
  },
};
