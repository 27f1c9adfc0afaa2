/**
 * The editor: a chunk of its own, by far the largest of the page. It lives in a shadow root, because it writes its own
 * style sheets, which the page's policy takes only as constructed ones.
 */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Extension, type Text } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { colours, look } from './code-look.ts';

interface Mistake {
  /** Of the text, from 1, as is the column. May lie outside of it. */
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string | null;
}

export interface CodeEditor {
  /** What it is called, and the number of its first line. */
  describe(label: string, firstLine: number): void;
  /** Leaves the cursor where it is if that is the text already. */
  setText(text: string): void;
  setProblems(mistakes: readonly Mistake[]): void;
  /** Puts the cursor and the focus there. */
  goTo(line: number, column: number): void;
  destroy(): void;
}

export interface CodeEditorOptions {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onEscape: () => void;
}

export function createCodeEditor(host: HTMLElement, { text, onChange, onEscape }: CodeEditorOptions): CodeEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const described = new Compartment();
  // What is put in from outside is nothing that the user has typed.
  let putting = false;
  const changes = EditorView.updateListener.of(({ docChanged, view }) => {
    // Whoever hears of it may not change the editor while it changes itself.
    if (docChanged && !putting) queueMicrotask(() => onChange(view.state.doc.toString()));
  });
  const leave = keymap.of([
    {
      key: 'Escape',
      run(view) {
        view.contentDOM.blur();
        onEscape();
        return true;
      },
    },
  ]);
  const state = EditorState.create({ doc: text, extensions: [described.of([]), ...basics(), leave, changes] });
  const view = new EditorView({ state, parent: root, root });
  return {
    describe(label, firstLine) {
      const numbers = lineNumbers({ formatNumber: (line) => String(line + firstLine - 1) });
      const named = EditorView.contentAttributes.of({ ...REACHED, 'aria-label': label });
      view.dispatch({ effects: described.reconfigure([numbers, named]) });
    },
    setText(next) {
      if (view.state.doc.toString() === next) return;
      putting = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      putting = false;
    },
    setProblems(mistakes) {
      view.dispatch(
        setDiagnostics(
          view.state,
          mistakes.map((mistake) => diagnosticOf(mistake, view.state)),
        ),
      );
    },
    goTo(line, column) {
      view.dispatch({ selection: { anchor: offsetOf(view.state.doc, line, column) }, scrollIntoView: true });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
}

/** For checkers of accessibility, which do not know that what can be edited can be reached. */
const REACHED = { tabindex: '0' };

/** Left to itself, the browser styles what is typed over a selection; the page's policy refuses that, and says so. */
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data, isComposing } = event;
    if (inputType !== 'insertText' || data === null || isComposing || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

/** Tab is not taken: it leaves the editor, as it leaves any field. */
function basics(): Extension[] {
  return [
    lintGutter(),
    history(),
    drawSelection(),
    highlightSpecialChars(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    indentOnInput(),
    indentUnit.of('  '),
    EditorState.tabSize.of(2),
    bracketMatching(),
    EditorView.lineWrapping,
    yaml(),
    typedOver,
    syntaxHighlighting(colours),
    look,
    keymap.of([...defaultKeymap, ...historyKeymap]),
  ];
}

function diagnosticOf({ line, column, severity, message, remedy }: Mistake, { doc }: EditorState): Diagnostic {
  const from = offsetOf(doc, line, column);
  const end = doc.lineAt(from).to;
  const word = /^[\w$.]+/.exec(doc.sliceString(from, end))?.[0].length ?? 1;
  const to = Math.min(end, from + word);
  return { from, to, severity, message, renderMessage: () => told(message, remedy) };
}

/** The nearest offset there is. */
function offsetOf(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(to, from + Math.max(0, column - 1));
}

function told(message: string, remedy: string | null): Node {
  const whole = document.createElement('div');
  whole.append(message);
  if (remedy !== null) {
    const more = document.createElement('p');
    more.textContent = remedy;
    whole.append(more);
  }
  return whole;
}
