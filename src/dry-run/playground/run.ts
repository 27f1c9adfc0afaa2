/** One dry run: an event and the texts of its rules in, their problems and what would happen out. */
import type { Config } from '../../config/config.ts';
import { Mask } from '../../config/mask.ts';
import type { RelayEvent } from '../../core/event.ts';
import { readEventHeader } from '../../core/event-header.ts';
import { isError, type Problem, sortProblems } from '../../core/problem.ts';
import { type MessageTemplate, TemplateError } from '../../templates/template.ts';
import { type DryRunRules, dryRun, offlineRules } from '../dry-run.ts';
import { explainJson, messageJson } from '../explain-json.ts';
import { type ReadRules, type RulesText, readRules } from './rules.ts';
import type { EditedFile, PlaygroundAnswer, PlaygroundProblem } from './view.ts';

/** Everything that a dry run needs, in a form that can be sent to a thread. No secret is among it. */
export interface PlaygroundOrder extends RulesText {
  /** A header as it is stored, because absent persons are known by their identity. Null: the rules alone. */
  readonly event: { readonly header: string; readonly payload: unknown } | null;
  /** ms since the epoch: when it comes in. */
  readonly at: number;
  readonly people: Config['people'];
  readonly colors: Config['colors'];
  readonly delivery: DryRunRules['delivery'];
  /** Found already, of the event. */
  readonly found: readonly PlaygroundProblem[];
}

/** Never throws for what is in the texts. */
export async function runPlayground(order: PlaygroundOrder): Promise<PlaygroundAnswer> {
  const rules = await attempt(order);
  const failures: Problem[] = [];
  const wrong = rules.problems.some(isError) || order.found.some(({ severity }) => severity === 'error');
  const ran = wrong || order.event === null ? null : await run(order.event, order, watched(rules, order, failures));
  const problems = sortProblems([...rules.problems, ...failures.slice(0, 1)]).map(told);
  return { problems: [...order.found, ...problems], runs: ran?.runs ?? [], preview: ran?.preview ?? null };
}

/** Texts that nest so deep that reading them overflows the stack are wrong, like others. */
async function attempt(order: PlaygroundOrder): Promise<ReadRules> {
  try {
    return await readRules(order);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const problem = { file: 'routes', line: order.routes.line, column: 1, code: 'too-deep', message: TOO_DEEP };
    return { routes: [], templates: new Map(), problems: [problem], mask: new Mask('', 'routes', {}) };
  }
}

const TOO_DEEP = 'The routes or the template nest too deep to be read.';

/** A template that fails only with this event is a problem where it stands. */
function watched(
  rules: ReadRules,
  { edited, people, colors, delivery }: PlaygroundOrder,
  failures: Problem[],
): DryRunRules {
  const template = edited === null ? undefined : rules.templates.get(edited);
  if (template === undefined) return { ...rules, people, colors, delivery };
  const render: MessageTemplate['render'] = (...given) => {
    try {
      return template.render(...given);
    } catch (error) {
      if (error instanceof TemplateError) failures.push(failureOf(error));
      throw error;
    }
  };
  return {
    ...rules,
    people,
    colors,
    delivery,
    templates: new Map([...rules.templates, [template.name, { ...template, render }]]),
  };
}

function failureOf({ place: { line, column }, reason }: TemplateError): Problem {
  const message = `This cannot be rendered for this event: ${reason}.`;
  const remedy = 'A delivery that needs it would end as dead.';
  return { file: 'template', line, column, code: 'render-failed', message, remedy };
}

async function run(
  { header, payload }: NonNullable<PlaygroundOrder['event']>,
  { at, edited }: PlaygroundOrder,
  rules: DryRunRules,
): Promise<Pick<PlaygroundAnswer, 'runs' | 'preview'>> {
  const event: RelayEvent = { ...readEventHeader(header), payload };
  const runs = [explainJson(await dryRun(event, rules, { at }))];
  if (edited === null) return { runs, preview: null };
  const outcome = await offlineRules(rules).render(edited, { event, thresholdHit: null });
  const sent = outcome.kind === 'sent';
  return {
    runs,
    preview: { message: sent ? messageJson(outcome.value) : null, fault: sent ? null : outcome.reason.detail },
  };
}

function told({ file, line, column, severity = 'error', code, message, remedy = null }: ToldProblem) {
  return { file: fileOf(file), line, column, severity, code, message, remedy };
}

type ToldProblem = Omit<Problem, 'remedy'> & { readonly remedy?: string | null };

function fileOf(file: string): EditedFile {
  return file === 'template' ? 'template' : 'routes';
}
