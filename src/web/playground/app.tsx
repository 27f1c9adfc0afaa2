import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { EditedFile, PlaygroundMaterials, PlaygroundProblem } from '../../dry-run/playground/view.ts';
import { Fault, Loading } from '../dashboard/parts.tsx';
import { useSignInWanted } from '../dashboard/session.ts';
import { SignIn } from '../dashboard/sign-in.tsx';
import { useLoaded } from '../dashboard/use-loaded.ts';
import { type Draft, readDraft, writeDraft } from './draft.ts';
import { EventPanel } from './event-panel.tsx';
import { Head } from './head.tsx';
import { bodyOf, chosenEvent, firstTemplate, requestOf } from './request.ts';
import { ResultPanel } from './result-panel.tsx';
import { type ProblemsByFile, RulesPanel } from './rules-panel.tsx';
import { useDryRun } from './use-dry-run.ts';

export function App() {
  return useSignInWanted() ? <SignIn /> : <Loader />;
}

function Loader() {
  const { data, error, again } = useLoaded<PlaygroundMaterials>('api/playground/materials');
  return (
    <div className="play">
      <Head />
      <main id="content" tabIndex={-1}>
        <h1 className="only-read">Playground</h1>
        {data !== null && <Playground materials={data} />}
        {data === null && error === null && <Loading rows={6} />}
        {data === null && error !== null && <Fault message={error} again={again} />}
      </main>
    </div>
  );
}

function Playground({ materials }: { readonly materials: PlaygroundMaterials }): ReactNode {
  const [draft, setDraft] = useDraft();
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  const event = chosenEvent(draft, materials);
  const chosen = JSON.stringify(event);
  const [original, setOriginal] = useState<Original | null>(null);
  const [suggested, setSuggested] = useState<string | null>(null);
  const mine = original?.of === chosen ? original : null;
  const template = draft.template ?? suggested;
  const source = mine?.source ?? null;
  const request = useMemo(
    () => requestOf({ draft, materials, template, source }),
    [draft, materials, template, source],
  );
  const dryRun = useDryRun(request);
  const run = dryRun.busy ? undefined : dryRun.answer?.runs[0];
  useEffect(() => {
    if (run === undefined) return;
    if (draft.body === null) setOriginal({ of: chosen, body: bodyOf(run), source: run.event.source });
    setSuggested((before) => firstTemplate(run) ?? before);
  }, [run, draft.body, chosen]);
  const problems = useMemo(() => byFile(dryRun.answer?.problems ?? []), [dryRun.answer]);
  return (
    <div className="play-panels">
      <EventPanel
        {...{ event, draft, materials }}
        problems={problems.event}
        original={mine?.body ?? null}
        onChange={change}
      />
      <RulesPanel {...{ draft, materials, template, problems }} onChange={change} />
      <ResultPanel state={dryRun} template={template} />
    </div>
  );
}

function byFile(problems: readonly PlaygroundProblem[]): ProblemsByFile {
  const of = (name: EditedFile) => problems.filter(({ file }) => file === name);
  return { event: of('event'), routes: of('routes'), template: of('template') };
}

/** The body of the chosen event before anything was changed in it. */
interface Original {
  /** The choice, as JSON. */
  readonly of: string;
  readonly body: string;
  readonly source: string;
}

/** In the address, without a step to go back to for every letter; a link that is followed is read anew. */
function useDraft() {
  const [draft, setDraft] = useState(() => readDraft(window.location.hash));
  useEffect(() => {
    const timer = setTimeout(() => {
      const hash = writeDraft(draft);
      const { pathname, search } = window.location;
      if (hash !== window.location.hash) window.history.replaceState(null, '', pathname + search + hash);
    }, ADDRESS_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  useEffect(() => {
    const onHashChange = () => setDraft(readDraft(window.location.hash));
    window.addEventListener('hashchange', onHashChange);
    return () => window.removeEventListener('hashchange', onHashChange);
  }, []);
  return [draft, setDraft] as const;
}

/** Browsers take only so many changes of the address at once. */
const ADDRESS_PAUSE_MS = 300;
