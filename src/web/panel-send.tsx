import { useState } from 'react';
import type { SampleSource } from '../sandbox/panel/sample-events.ts';
import { PanelPart } from './panel-part.tsx';
import { useSending } from './use-panel.ts';

export function PanelSend({ sources }: { readonly sources: readonly SampleSource[] }) {
  const [chosen, setChosen] = useState(sources[0]?.name);
  const source = sources.find(({ name }) => name === chosen) ?? sources[0];
  if (source === undefined) return null;
  return (
    <PanelPart title="Send events">
      {sources.length > 1 && (
        <div className="segments" role="radiogroup" aria-label="Sender">
          {sources.map(({ name }) => (
            <label key={name} className="segment">
              <input type="radio" name="source" checked={name === source.name} onChange={() => setChosen(name)} />
              <span>{name}</span>
            </label>
          ))}
        </div>
      )}
      <SourceButtons key={source.name} source={source} />
    </PanelPart>
  );
}

function SourceButtons({ source: { name: source, topics, oldTopics, stories, reorders } }: { source: SampleSource }) {
  const [story, setStory] = useState(0);
  const { busy, said, order } = useSending();
  const one = (topic: string) => void order({ kind: 'one', source, topic, story });
  const telling = busy.some((it) => it.includes('"story","source"'));
  const bursting = busy.some((it) => it.includes('"burst"'));
  return (
    <>
      <label className="field">
        <span className="field-label">About</span>
        <select value={story} onChange={(event) => setStory(Number(event.target.value))}>
          {stories.map((title, index) => (
            <option key={title} value={index}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="button button-primary"
        aria-disabled={telling}
        onClick={() => telling || void order({ kind: 'story', source, story })}
      >
        {telling ? 'Telling it…' : 'Send the whole story'}
      </button>
      <Topics topics={topics} onSend={one} />
      {oldTopics.length > 0 && (
        <details className="old-names">
          <summary>Names of older versions</summary>
          <Topics topics={oldTopics} onSend={one} />
        </details>
      )}
      <div className="button-row">
        <button
          type="button"
          className="button"
          aria-disabled={bursting}
          onClick={() => bursting || void order({ kind: 'burst', source })}
        >
          {bursting ? 'Sending…' : 'Burst of 200'}
        </button>
        <button type="button" className="button" onClick={() => void order({ kind: 'duplicate' })}>
          Same again
        </button>
        {reorders && (
          <button type="button" className="button" onClick={() => void order({ kind: 'out_of_order', source, story })}>
            Out of order
          </button>
        )}
      </div>
      <p className={said?.ok === false ? 'said said-trouble' : 'said'} role="status">
        {said?.text}
      </p>
    </>
  );
}

interface TopicsProps {
  readonly topics: readonly string[];
  readonly onSend: (topic: string) => void;
}

/** By what they are about: `action_created` stands as "created" under "action". */
function Topics({ topics, onSend }: TopicsProps) {
  const groups = [...Map.groupBy(topics, (topic) => splitTopic(topic).noun)];
  return (
    <dl className="topics">
      {groups.map(([noun, ofNoun]) => (
        <div key={noun} className="topic-group">
          <dt>{noun}</dt>
          <dd>
            {ofNoun.map((topic) => (
              <button
                key={topic}
                type="button"
                className="chip"
                aria-label={`Send ${topic}`}
                title={topic}
                onClick={() => onSend(topic)}
              >
                {splitTopic(topic).verb}
              </button>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function splitTopic(topic: string): { readonly noun: string; readonly verb: string } {
  const [, noun = topic, verb = topic] = /^([a-z]+)[._](.+)$/i.exec(topic) ?? [];
  return { noun: noun.toLowerCase(), verb: verb.replaceAll('_', ' ').toLowerCase() };
}
