import type { Field, Shape } from '../form/fields.ts';
import { inputName } from '../form/read-form.ts';
import { Html, markup } from '../html.ts';

export interface FieldView {
  field: Field;
  /** As it was sent, when it was. */
  sent: readonly string[] | undefined;
  fault: string | undefined;
  /** Unique within the page. */
  id: string;
}

/** One argument with its label, what it is for, and what is wrong with it. */
export function fieldView(view: FieldView): Html {
  const { field, fault, id } = view;
  const said = [describe(field) ? `${id}-hint` : '', fault === undefined ? '' : `${id}-fault`].filter(Boolean);
  const attributes = markup`${said.length > 0 && markup` aria-describedby="${said.join(' ')}"`}${fault !== undefined && Html.of(' aria-invalid="true"')}`;
  const hint = describe(field) && markup`<p class="hint description" id="${id}-hint">${describe(field)}</p>`;
  const problem = fault !== undefined && markup`<p class="fault" id="${id}-fault">✗ ${fault}</p>`;
  if (field.shape.kind === 'choices') {
    return markup`<fieldset class="field"${attributes}><legend>${labelOf(field)}</legend>${hint}
${checkboxes(view, field.shape.choices)}${problem}</fieldset>`;
  }
  return markup`<div class="field"><label for="${id}">${labelOf(field)}</label>${hint}
${control(view, attributes)}${problem}</div>`;
}

function labelOf({ name, title, required }: Field): Html {
  const isOther = title !== '' && title !== name;
  return markup`<bdi>${title || name}</bdi>${isOther && markup` <code class="soft">${name}</code>`}${
    required ? markup` <span class="soft small">(required)</span>` : markup` <span class="soft small">(optional)</span>`
  }`;
}

function describe(field: Field): string {
  return [field.description, limits(field), form(field.shape)].filter(Boolean).join('\n');
}

function limits({ min, max, open, shape }: Field): string {
  const [least, most] = [open?.above ? 'More than' : 'At least', open?.below ? 'less than' : 'at most'];
  const units: Partial<Record<Shape['kind'], string>> = {
    text: ' characters',
    area: ' characters',
    list: ' lines',
    choices: ' choices',
  };
  const unit = units[shape.kind] ?? '';
  if (min === undefined && max === undefined) return '';
  if (min === undefined) return `${most[0]?.toUpperCase()}${most.slice(1)} ${max}${unit}.`;
  if (max === undefined) return `${least} ${min}${unit}.`;
  if (open?.above || open?.below) return `${least} ${min}, ${most} ${max}.`;
  return min === max ? `Exactly ${min}${unit}.` : `${min} to ${max}${unit}.`;
}

function form(shape: Shape): string {
  if (shape.kind === 'list') return shape.of === 'string' ? 'One a line.' : `One ${shape.of} a line.`;
  if (shape.kind === 'json') return 'As JSON.';
  return shape.kind === 'text' && shape.hint ? `Such as ${shape.hint}.` : '';
}

function control(view: FieldView, attributes: Html): Html {
  const { field, id, sent } = view;
  const { shape, required } = field;
  const [value = ''] = sent ?? field.initial;
  const start = markup` id="${id}" name="${inputName(field)}"${attributes}`;
  // An empty text may be what is meant where the shortest one is empty.
  const need = required && !field.nullable && (shape.kind !== 'list' || (field.min ?? 0) > 0) && Html.of(' required');
  switch (shape.kind) {
    case 'area':
      return markup`<textarea${start}${need}${lengths(field)} rows="3">
${value}</textarea>`;
    case 'list':
      return markup`<textarea${start}${need} rows="3">
${value}</textarea>`;
    case 'json':
      return markup`<textarea${start}${need} class="code" rows="4" spellcheck="false">
${value}</textarea>`;
    case 'boolean':
      return select(view, start, need, [
        { json: 'true', label: 'true' },
        { json: 'false', label: 'false' },
      ]);
    case 'choice':
      return select(view, start, need, shape.choices);
    case 'number':
      return markup`<input${start}${need} type="number" inputmode="${shape.whole ? 'numeric' : 'decimal'}" step="${shape.step ?? (shape.whole ? 1 : 'any')}"${bounds(field)} value="${value}">`;
    case 'text':
      return markup`<input${start}${need} type="${shape.input}"${lengths(field)}${shape.pattern !== undefined && markup` pattern="${shape.pattern}"`} value="${value}" autocomplete="off">`;
    default:
      return markup``;
  }
}

type Choices = Extract<Shape, { kind: 'choice' }>['choices'];

function select({ field, sent }: FieldView, start: Html, need: Html | false, choices: Choices): Html {
  const [value] = sent ?? field.initial;
  const none = !field.required || field.initial.length === 0;
  return markup`<select${start}${need}>${none && markup`<option value="">${field.required ? 'Choose…' : '(left out)'}</option>`}${choices.map(
    ({ json, label }) => markup`<option value="${json}"${json === value && Html.of(' selected')}>${label}</option>`,
  )}</select>`;
}

function checkboxes({ field, sent, id }: FieldView, choices: Choices): Html[] {
  const chosen = sent ?? field.initial;
  return choices.map(
    ({ json, label }, i) =>
      markup`<div class="check"><input type="checkbox" id="${id}-${i}" name="${inputName(field)}" value="${json}"${chosen.includes(json) && Html.of(' checked')}><label for="${id}-${i}">${label}</label></div>`,
  );
}

function lengths({ min, max }: Field): Html {
  return markup`${min !== undefined && markup` minlength="${min}"`}${max !== undefined && markup` maxlength="${max}"`}`;
}

function bounds({ min, max }: Field): Html {
  return markup`${min !== undefined && markup` min="${min}"`}${max !== undefined && markup` max="${max}"`}`;
}
