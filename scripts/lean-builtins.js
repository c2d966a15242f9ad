/** The modules of every start but `--help`: the parser of command lines. */
export const PARSER = /node_modules[\\/]commander[\\/]|^(?!.*node_modules).*[\\/]src[\\/]parse\.ts$/;

/** The modules of every start. */
export const EVERY_START =
  /node_modules[\\/]chalk[\\/]|^(?!.*node_modules).*[\\/]src[\\/](main|cli|context-node|errors|nearest|plain-text|shell-word|version|ui[\\/](colour|table|help-screen|error-screen|style|progress))\.ts$/;
const IMPORT = /^import (\w+|\{[^}]+\}) from ['"](node:[\w/]+)['"];?$/gm;

/**
 * A rolldown plugin for the modules of every start: an ES import of a built-in module makes Node evaluate each of its
 * lazy properties (standard input's stream, the parser of arguments, ...), which is half the time of `--help`.
 */
export function leanBuiltins() {
  return {
    name: 'lean-builtins',
    transform: {
      filter: { id: [EVERY_START, PARSER] },
      handler(code) {
        return code.replaceAll(IMPORT, (_, names, id) => {
          const builtin = `globalThis.process.getBuiltinModule('${id}')`;
          // Commander has it for subcommands that are programs of their own; with it come sockets and streams.
          if (id === 'node:child_process')
            return `const ${names} = new Proxy({}, { get: (_, key) => ${builtin}[key] });`;
          return `const ${names.replaceAll(' as ', ': ')} = ${builtin};`;
        });
      },
    },
  };
}
