/** What an MCP client needs of a gateway, as far as it decides whether the two fit. */
export interface McpClient {
  /** As written on the command line. */
  id: string;
  name: string;
  /**
   * Host of its client ID metadata document. False: it knows no such documents; undefined: it does, and from where is not known.
   */
  metadataHost: string | false | undefined;
  /** How its metadata document says it authenticates, where that is not `none`. */
  metadataAuthMethod?: 'private_key_jwt';
  /** Uses its document as soon as the server says that it takes some, and does not register when it is refused. */
  insistsOnDocument?: boolean;
  /** Registers itself by RFC 7591. */
  registers: boolean;
  /** `machine`: it runs where its user sits; `vendor`: its vendor's servers do the calling. */
  from: 'machine' | 'vendor';
  /** Ports that it reaches; all when it is left out. */
  ports?: readonly number[];
  /** How it is told of a private authority; false: it cannot be. */
  privateAuthority: string | false;
  /** Its redirect URIs leave the port of `localhost` open, so the server has to ignore it (RFC 8252 §7.3). */
  needsLoopbackPort?: boolean;
  /** Compares `resource` of the metadata with the address it was given, character by character. */
  strictResource?: boolean;
  /** Where the rules come from, and when they were last looked at. */
  source: string;
  verified: string;
}
