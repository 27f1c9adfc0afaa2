/** Links that a terminal shows as a word (OSC 8). */

type Environment = Readonly<Record<string, string | undefined>>;

interface Terminal {
  readonly isTTY: boolean;
  readonly env: Environment;
}

/** VTE's terminals ignore longer ones, so a reader would click on nothing. */
const LONGEST_URL = 2083;

const PROGRAMS: ReadonlySet<string> = new Set(['iTerm.app', 'WezTerm', 'ghostty', 'Hyper', 'vscode', 'Tabby', 'rio']);

/** The terminals that are known to show links; others would show the whole address, or rubbish. */
function showsLinks({ isTTY, env }: Terminal): boolean {
  if (!isTTY) return false;
  const { TERM = '', TERM_PROGRAM = '', VTE_VERSION = '0' } = env;
  return (
    PROGRAMS.has(TERM_PROGRAM) ||
    Number(VTE_VERSION) >= 5000 ||
    /^(xterm-kitty|xterm-ghostty|alacritty|foot)/.test(TERM) ||
    env.WT_SESSION !== undefined ||
    env.KONSOLE_VERSION !== undefined
  );
}

/** `text` as a link; null where this terminal cannot show it. */
export function hyperlink(text: string, url: string, terminal: Terminal): string | null {
  if (url.length > LONGEST_URL || !showsLinks(terminal)) return null;
  return `\u001B]8;;${url}\u001B\\${text}\u001B]8;;\u001B\\`;
}
