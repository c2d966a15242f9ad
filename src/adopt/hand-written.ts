/** A folder as it was found: a Pomerium configuration, and the compose file that runs it, both written by hand. */
export interface HandWritten {
  /** Absolute. */
  folder: string;
  /** Its last part. */
  title: string;
  /** Names are relative to the folder. */
  config: NamedText;
  compose: NamedText;
  /** Undefined where there is none. */
  env?: string;
  envExample?: string;
  gitignore?: string;
  hasReadme: boolean;
  /** Values from .env, from the shell, which beats it, and from the files that the gateway's service names under `env_file`. */
  variables: Readonly<Record<string, string | undefined>>;
  gatewayEnvFile: Readonly<Record<string, string>>;
  exists: (path: string) => boolean;
}

export interface NamedText {
  name: string;
  text: string;
}

/** What nobody but the person can know, or wants otherwise than it is found. */
export interface Wishes {
  address?: 'local' | 'public';
  domain?: string;
  /** False: an image whose tag floats stays. */
  pin: boolean;
}
