export { bindMounts } from './mounts.ts';
export { commonDomain, findGateway } from './scene.ts';
export type { HandWritten, NamedText, Wishes } from './hand-written.ts';
export { planAdoption, type Adoption } from './plan.ts';
export { floatingImage, LICENCE } from './steps/image.ts';
