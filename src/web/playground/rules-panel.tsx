import type { ReactNode } from 'react';
import type { EditedFile, PlaygroundMaterials, PlaygroundProblem } from '../../dry-run/playground/view.ts';
import { Changed } from './changed.tsx';
import type { Draft } from './draft.ts';
import { Editor } from './editor.tsx';
import { Select } from './event-fields.tsx';
import { textOf } from './request.ts';

export type ProblemsByFile = Readonly<Record<EditedFile, readonly PlaygroundProblem[]>>;

interface RulesPanelProps {
  readonly draft: Draft;
  readonly materials: PlaygroundMaterials;
  /** Which one is edited; null before any is known. */
  readonly template: string | null;
  readonly problems: ProblemsByFile;
  readonly onChange: (changes: Partial<Draft>) => void;
}

export function RulesPanel(props: RulesPanelProps): ReactNode {
  return (
    <section className="play-panel" aria-label="Rules">
      <TemplateEditor {...props} />
      <RoutesEditor {...props} />
    </section>
  );
}

const NEW = 'new_template';
const NEW_TEXT = 'text: "*{{ event.action.title | default: event.topic }}*"\n';

function TemplateEditor({ draft, materials, template, problems, onChange }: RulesPanelProps) {
  const { texts } = draft;
  const { templates } = materials;
  const names = [...new Set([...templates.map(({ name }) => name), ...Object.keys(texts)])];
  const written = templates.find(({ name }) => name === template);
  const changed = template !== null && texts[template] !== undefined;
  const choose = (name: string) => {
    const isNew = name === NEW && texts[NEW] === undefined && !templates.some((one) => one.name === NEW);
    onChange({ template: name, ...(isNew && { texts: { ...texts, [NEW]: NEW_TEXT } }) });
  };
  const edit = (text: string) => {
    if (template === null) return;
    const { [template]: _, ...others } = texts;
    onChange({ template, texts: text === written?.text ? others : { ...others, [template]: text } });
  };
  const options = names.map((name) => [name, texts[name] === undefined ? name : `${name} (changed)`] as const);
  return (
    <>
      <h2>Template</h2>
      <Select
        label="Which"
        value={template ?? ''}
        options={[
          ...(template === null ? [['', '…'] as const] : []),
          ...options,
          ...(names.includes(NEW) ? [] : [[NEW, 'a new one…'] as const]),
        ]}
        onChange={choose}
      />
      {template !== null && (
        <Editor
          label={`Template ${template}, YAML`}
          value={textOf(template, draft, materials)}
          problems={problems.template}
          onChange={edit}
        />
      )}
      {template !== null && changed && (
        <Changed
          text={textOf(template, draft, materials)}
          file={written?.file ?? `${folderOf(materials)}/${template}.yaml`}
          onBack={() => edit(written?.text ?? '')}
        />
      )}
    </>
  );
}

function folderOf({ templates: [first] }: PlaygroundMaterials): string {
  return first?.file.split('/')[0] ?? 'templates';
}

function RoutesEditor({ draft: { routes }, materials, problems, onChange }: RulesPanelProps) {
  const { routes: written, config_file: file } = materials;
  return (
    <>
      <h2>Routes</h2>
      {written === null && (
        <p className="play-note">
          {file} cannot be read as YAML now: <code>alo-relay check</code> says where. Routes can be written here all the
          same.
        </p>
      )}
      <Editor
        label="Routes, YAML"
        value={routes ?? written?.text ?? ''}
        firstLine={written?.line ?? 1}
        problems={problems.routes}
        onChange={(text) => onChange({ routes: text === written?.text ? null : text })}
      />
      {routes !== null && <Changed text={routes} file={file} onBack={() => onChange({ routes: null })} />}
    </>
  );
}
