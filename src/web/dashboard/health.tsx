/** Each part the service depends on, and each source: whether it works, since when not, and what to do. */
import type { ReactNode } from 'react';
import type { OverviewView } from '../../history/views.ts';
import { Chip } from './chips.tsx';
import { Panel } from './parts.tsx';
import { troubleOf } from './troubles.ts';
import { silenceOf } from './verdict.ts';
import { useNow, When } from './when.tsx';
import { duration, type Tone } from './words.ts';

export function Health({ overview: { checks, sources } }: { readonly overview: OverviewView }): ReactNode {
  return (
    <Panel title="Health">
      <ul className="checks">
        {checks.map((check) => (
          <CheckLine key={check.name} check={check} />
        ))}
        {sources.map((source) => (
          <SourceLine key={source.source} source={source} />
        ))}
      </ul>
      <p className="health-rule soft">
        A source is silent after five times its longest gap of four weeks, or after hours that were busy in each of the
        last two weeks.
      </p>
    </Panel>
  );
}

const NAMES = { journal: 'Journal', slack: 'Slack', config: 'Config' } as const;
const FINE = { journal: 'Accepts webhooks.', slack: 'Accepts messages.', config: 'Is in force.' } as const;

function CheckLine({ check }: { readonly check: OverviewView['checks'][number] }) {
  const trouble = troubleOf(check);
  if (trouble === null) {
    const { name, detail } = check;
    return (
      <Line tone={detail === null ? 'good' : 'warning'} word={detail === null ? 'ok' : 'limited'} name={NAMES[name]}>
        {detail ?? FINE[name]}
      </Line>
    );
  }
  const { tone, title, detail, meanwhile, since } = trouble;
  return (
    <Line tone={tone} word={tone === 'bad' ? 'failing' : 'refused'} name={title}>
      {since !== null && (
        <>
          Since <When at={since} />.{' '}
        </>
      )}
      {detail} {meanwhile}
    </Line>
  );
}

function SourceLine({ source }: { readonly source: OverviewView['sources'][number] }) {
  const now = useNow();
  const { source: name, silent, last_at: at, usual_seconds: usual } = source;
  if (silent) {
    return (
      <Line tone="warning" word="silent" name={name}>
        {silenceOf(source, now)}. Look at the sender’s list of webhook deliveries.
      </Line>
    );
  }
  return (
    <Line tone={at === null ? 'quiet' : 'good'} word={at === null ? 'new' : 'ok'} name={name}>
      {at === null ? (
        'No event has come from it yet.'
      ) : (
        <>
          Last event <When at={at} />
          {usual !== null && `; usually every ${duration(usual * 1000)}`}.
        </>
      )}
    </Line>
  );
}

interface LineProps {
  readonly tone: Tone;
  readonly word: string;
  readonly name: string;
  readonly children: ReactNode;
}

function Line({ tone, word, name, children }: LineProps) {
  return (
    <li>
      <Chip tone={tone}>{word}</Chip>
      <span>
        <strong>{name}</strong> <span className="soft">{children}</span>
      </span>
    </li>
  );
}
