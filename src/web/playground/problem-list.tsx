import type { ReactNode } from 'react';
import type { PlaygroundProblem } from '../../dry-run/playground/view.ts';
import { isCaret } from '../../language/caret.ts';
import { many } from '../dashboard/words.ts';

interface ProblemListProps {
  readonly problems: readonly PlaygroundProblem[];
  readonly onGo: (problem: PlaygroundProblem) => void;
}

/** What `alo-relay check` would say; each leads to its place. */
export function ProblemList({ problems, onGo }: ProblemListProps): ReactNode {
  return (
    <div className="play-problems">
      <p role="status" className="only-read">
        {problems.length === 0 ? '' : many(problems.length, 'problem')}
      </p>
      {problems.length > 0 && (
        <ul>
          {problems.map((problem) => {
            const { line, column, severity, code, message } = problem;
            return (
              <li key={`${line}:${column} ${code} ${message}`} className={`play-problem play-${severity}`}>
                <button type="button" onClick={() => onGo(problem)}>
                  <span className="play-place">
                    {line}:{column}
                  </span>{' '}
                  {severity === 'warning' && <b>warning </b>}
                  {message}
                </button>
                {remedyOf(problem) !== null && <p className="play-remedy">{remedyOf(problem)}</p>}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

/** What to do. A caret below the line is for terminals: here the place itself is marked. */
export function remedyOf({ remedy }: Pick<PlaygroundProblem, 'remedy'>): string | null {
  return remedy !== null && isCaret(remedy) ? null : remedy;
}
