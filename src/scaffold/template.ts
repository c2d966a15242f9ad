/** What a template is filled with: a text goes in as it is, a flag shows or hides a section. */
export type TemplateValues = Readonly<Record<string, string | boolean>>;

/** Texts of templates/ by their path there: `project/env`. */
export type Templates = Readonly<Record<string, string>>;

export function textOf(templates: Templates, name: string): string {
  const text = templates[name];
  if (text === undefined) throw new Error(`there is no template ${name}`);
  return text;
}

/**
 * Fills a template: `{{name}}` is replaced; the lines from `#? flag` to `#? end` stay only when the flag holds, those after
 * `#? else` only when it does not. Sections nest. A line that is nothing but `{{name}}` takes a text of several lines, each at
 * the line's own indentation.
 */
export function fillTemplate(template: string, values: TemplateValues): string {
  const open: boolean[] = [];
  const lines: string[] = [];
  for (const line of template.split('\n')) {
    const directive = /^#\? (\w+)$/.exec(line)?.[1];
    if (directive === 'end' || directive === 'else') {
      const shown = open.pop();
      if (shown === undefined) throw new Error(`template: #? ${directive} without a beginning`);
      if (directive === 'else') open.push(!shown);
    } else if (directive !== undefined) open.push(flagOf(values, directive));
    else if (open.every(Boolean)) lines.push(...fillLine(line, values));
  }
  if (open.length > 0) throw new Error('template: a section has no #? end');
  return lines.join('\n');
}

function fillLine(line: string, values: TemplateValues): string[] {
  const block = /^(\s*)\{\{(\w+)\}\}$/.exec(line);
  if (block) {
    const [, indentation = '', name = ''] = block;
    const parts = valueOf(values, name).split('\n');
    return parts.map((part) => `${indentation}${part}`.trimEnd());
  }
  return [line.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => valueOf(values, name))];
}

function valueOf(values: TemplateValues, name: string): string {
  const value = values[name];
  if (typeof value !== 'string') throw new Error(`template: there is no text ${name}`);
  return value;
}

function flagOf(values: TemplateValues, name: string): boolean {
  const value = values[name];
  if (typeof value !== 'boolean') throw new Error(`template: there is no flag ${name}`);
  return value;
}
