import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A rolldown plugin that writes the licences of everything that went into the bundle. */
export function thirdPartyNotices(file) {
  const modules = new Set();
  return {
    name: 'third-party-notices',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') for (const id of chunk.moduleIds) modules.add(id);
      }
    },
    writeBundle() {
      const packages = new Map();
      for (const id of modules) {
        const folder = packageFolder(id);
        if (folder) packages.set(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
      }
      const entries = [...packages].sort(([, a], [, b]) => a.name.localeCompare(b.name));
      // Many packages share one text to the letter; it is given once, under all their names.
      const byText = new Map();
      for (const [folder, manifest] of entries) {
        const licence = licenceOf(folder, manifest);
        byText.set(licence, [
          ...(byText.get(licence) ?? []),
          `${manifest.name} ${manifest.version} (${manifest.license})`,
        ]);
      }
      const text = [...byText]
        .map(([licence, names]) => `## ${names.join(', ')}\n\n\`\`\`\n${licence}\n\`\`\`\n`)
        .join('\n');
      writeFileSync(file, `# Licences of bundled packages\n\n${text}`);
    },
  };
}

function packageFolder(id) {
  const path = id.replace(/^\0/, '').split('?')[0];
  const at = path.lastIndexOf('/node_modules/');
  if (at === -1) return undefined;
  let folder = dirname(path);
  while (folder.length > at) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name) return folder;
    folder = dirname(folder);
  }
  return undefined;
}

function licenceOf(folder, manifest) {
  const name = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  return name ? readFileSync(join(folder, name), 'utf8').trim() : `Licence: ${manifest.license}`;
}
