import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { PlaygroundProblem } from '../../dry-run/playground/view.ts';
import { messageOf } from '../dashboard/api.ts';
import type { CodeEditor } from './code-editor.ts';
import { ProblemList, remedyOf } from './problem-list.tsx';

interface EditorProps {
  readonly label: string;
  readonly value: string;
  /** The number of its first line in the file it is part of. */
  readonly firstLine?: number;
  readonly problems: readonly PlaygroundProblem[];
  readonly onChange: (text: string) => void;
}

/** A text with its problems, marked where they stand and listed below. Until the editor is loaded, a plain field. */
export function Editor({ label, value, firstLine = 1, problems, onChange }: EditorProps): ReactNode {
  const id = useId();
  const { host, frame, editor, failed } = useCodeEditor({ label, value, firstLine, problems, onChange });
  return (
    <fieldset className="play-editor" ref={frame} tabIndex={-1} aria-label={label} aria-describedby={id}>
      <div ref={host} className="play-code" hidden={editor === null} />
      {editor === null && (
        <textarea
          aria-label={label}
          spellCheck={false}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
      <p id={id} className="only-read">
        Esc leaves the editor; Tab goes on.
      </p>
      {failed !== null && (
        <p className="play-note">The editor could not be loaded ({failed}): this is a plain field.</p>
      )}
      <ProblemList problems={problems} onGo={({ line, column }) => editor?.goTo(line - firstLine + 1, column)} />
    </fieldset>
  );
}

function useCodeEditor({ label, value, firstLine = 1, problems, onChange }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLFieldSetElement>(null);
  const [editor, setEditor] = useState<CodeEditor | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const newest = useRef({ value, onChange });
  newest.current = { value, onChange };

  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    let made: CodeEditor | null = null;
    let gone = false;
    import('./code-editor.ts').then(
      ({ createCodeEditor }) => {
        if (gone) return;
        made = createCodeEditor(parent, {
          text: newest.current.value,
          // At once: what is typed next must find this page knowing of it.
          onChange: (text) => flushSync(() => newest.current.onChange(text)),
          onEscape: () => frame.current?.focus(),
        });
        setEditor(made);
      },
      (error: unknown) => setFailed(messageOf(error)),
    );
    return () => {
      gone = true;
      made?.destroy();
      setEditor(null);
    };
  }, []);

  useEffect(() => editor?.describe(label, firstLine), [editor, label, firstLine]);
  useLayoutEffect(() => editor?.setText(value), [editor, value]);
  useEffect(() => {
    const inText = (line: number) => line - firstLine + 1;
    editor?.setProblems(problems.map((one) => ({ ...one, line: inText(one.line), remedy: remedyOf(one) })));
  }, [editor, problems, firstLine]);
  return { host, frame, editor, failed };
}
