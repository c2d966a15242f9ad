/** A route with a rule on the tool `secret`. */
export const A = 'https://a.localhost:8443';
/** A route that hands on who somebody is. */
export const B = 'https://b.localhost:8443';
/** A route whose upstream has an authorization server of its own. */
export const UP = 'https://up.localhost:8443';
/** The route of an application that calls the others. */
export const APP = 'https://app.localhost:8443';
export const DOCUMENT = 'https://client.localhost:9443/client.json';
