/** Libraries that dockerode loads for ssh and for BuildKit sessions, neither of which is used; two of them compile native code. */
const UNUSED = /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|tar-fs|@balena\/dockerignore)$/;
const EMPTY = '\0empty';

/** A rolldown plugin that leaves them out of the bundle. */
export function withoutNative() {
  return {
    name: 'without-native',
    resolveId: { filter: { id: UNUSED }, handler: () => EMPTY },
    load: { filter: { id: /^\0empty$/ }, handler: () => 'export default {};' },
  };
}
