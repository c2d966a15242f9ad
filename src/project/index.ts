export {
  addHostGateway,
  addRoute,
  addService,
  allowMetadataDomains,
  allowRegistration,
  HOST_ITSELF,
  serve,
  SERVERS_SERVICE,
} from './add-route.ts';
export { alignIssuers } from './align-issuers.ts';
export { alignNames, type NameChanges } from './align-names.ts';
export { changePort, planPortChange, type ChangedLine, type PortChange } from './change-port.ts';
export { readComposeModel, type ComposeModel, type ComposeService } from './compose-model.ts';
export { exposedPorts } from './exposed-ports.ts';
export { parseYaml, scalarsOf } from './yaml.ts';
export { findProject, isProject } from './find.ts';
export { gatewayEnvironment, readConfig } from './configuration.ts';
export { loadProject, type Project } from './load.ts';
export { withLock, type LockOptions } from './lock.ts';
export { projectPaths, type ProjectPaths } from './paths.ts';
export { findPlaceholders, type Placeholder } from './placeholders.ts';
export { codeFrame } from './code-frame.ts';
export { maskSecrets } from './mask-secrets.ts';
export { renderConfig, renderText } from './render.ts';
export { append } from './edit/append.ts';
export { isInBrackets, replaceScalar } from './edit/scalar.ts';
export { CONFIG_TARGET, gatewayServiceOf, gatewayServices } from './gateway-service.ts';
export { entryLines } from './edit/entry-lines.ts';
export { removeAt } from './edit/remove.ts';
export { replaceValue } from './edit/replace.ts';
export { setValue } from './edit/set.ts';
export { renameKey, wrapIn } from './edit/wrap.ts';
export type { Service } from './services.ts';
export { ENGINES, type ProjectSettings } from './settings.ts';
export { addMissingToEnv, parseEnvFile, quoteForEnv, removeFromEnv, replaceInEnv } from './env-file.ts';
export { findSecrets, noteRotation, type FoundSecret } from './secrets.ts';
export { chooseLocalDomain, type LocalDomain, type Lookup } from './local-domain.ts';
export { planFiles, readExisting, type FilePlan } from './plan-files.ts';
export { inspectTarget, placeFiles, type NewFile, type Target } from './place.ts';
export { readProjectSettings } from './read-settings.ts';
export {
  orphanedVariables,
  removeFromCompose,
  removeRoute,
  unusedService,
  writtenRoutes,
  type WrittenRoute,
} from './remove-route.ts';
export { addToServerTable, removeFromServerTable } from './server-table.ts';
export { readTemplates } from './templates.ts';
export { diffTexts, maskValues, readTexts, textChanges, type ProjectTexts } from './texts.ts';
export { writeTogether, type TextChange } from './write-together.ts';
