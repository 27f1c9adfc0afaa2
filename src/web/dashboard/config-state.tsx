import type { ReactNode } from 'react';
import type { OverviewView } from '../../history/views.ts';
import { Chip } from './chips.tsx';
import { Panel } from './parts.tsx';
import { When } from './when.tsx';
import { many, seen } from './words.ts';

/** Which rules are in force, and what kept newer ones out: where it stands in the file, and what to do. */
export function ConfigState({ config }: { readonly config: OverviewView['config'] }): ReactNode {
  const { file, loaded_at, problems } = config;
  return (
    <Panel
      title="Config"
      aside={
        problems.length === 0 ? (
          <Chip tone="good">in force</Chip>
        ) : (
          <Chip tone="warning">{many(problems.length, 'problem')}</Chip>
        )
      }
    >
      <p className="soft">
        <span className="path">{file}</span>, loaded <When at={loaded_at} />
        {problems.length > 0 && '. The last change was refused; the rules from before stay in force.'}
      </p>
      {problems.length > 0 && (
        <ol className="config-problems">
          {problems.map(({ file: where, line, column, message, remedy }) => (
            <li key={`${where}:${line}:${column} ${message}`}>
              <code>
                {where}:{line}:{column}
              </code>
              <p>{seen(message)}</p>
              {remedy !== null && <p className="soft">{seen(remedy)}</p>}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
