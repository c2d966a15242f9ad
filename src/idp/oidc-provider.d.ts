// Import statements would turn this declaration into an augmentation of a module that has no types to add to.
/* oxlint-disable typescript/consistent-type-imports */
declare module 'oidc-provider' {
  type Context = import('./oidc.ts').OidcContext;
  type Prompt = import('./oidc.ts').Prompt;

  export const Provider: new (issuer: string, configuration: Record<string, unknown>) => import('./oidc.ts').Provider;

  export const errors: {
    InvalidGrant: new (reason: string) => Error;
    SessionNotFound: new (reason: string) => Error;
  };

  export const interactionPolicy: {
    base(): { get(name: string): Prompt };
    Prompt: new (options: { name: string; requestable: boolean }) => Prompt;
    Check: new (reason: string, description: string, error: string, check: (ctx: Context) => boolean) => unknown;
  };
}
