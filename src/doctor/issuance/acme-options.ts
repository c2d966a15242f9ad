/** How a certificate authority is asked to look at this machine. */
export interface AcmeOptions {
  /** Another directory than Let's Encrypt's staging service, or than the configuration's own private authority. */
  directory?: string;
  /** PEM: trusted beside the well-known roots when the directory is asked. */
  ca?: string;
}
