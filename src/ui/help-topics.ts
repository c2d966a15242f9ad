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
  SSL_CERT_FILE           PEM file of authorities to trust for the keys
  SQLITE_DB_FILE          database that sqlite reads
  SQLITE_TIMEOUT, SQLITE_MAX_MEMORY, SQLITE_MAX_ROWS, SQLITE_MAX_BYTES,
  SQLITE_PROCESSES        limits of one query: seconds, MiB, rows, bytes; and
                          how many run at the same time

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
