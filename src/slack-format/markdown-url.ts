/** Addresses written bare in Markdown: what looks like emphasis inside one belongs to the address, as in GitHub's Markdown. */
import type { StateInline } from 'markdown-it';

/** What the parser's own rule for text passes over, so that each character is looked at once. */
const TEXT = String.raw`[^\n!#$%&*+\-:<=>@[\\\]^_\x60{}~]`;
const PLAIN = String.raw`[^\s<>\x60\\[\]]`;
const ESCAPED = String.raw`\\[!-/:;=?@[\]^_{|}~]`;
/** A bracket without its partner ends the label of a link. */
const URL_CHARACTERS = String.raw`(?:${PLAIN}+|${ESCAPED}|\[${PLAIN}*\])*`;
const BARE = new RegExp(
  String.raw`(${TEXT}*?)(?<![\p{L}\p{N}])((?:https?://|www\.)(?=[\p{L}\p{N}[])${URL_CHARACTERS})`,
  'iuy',
);

/** A rule before the one for text, with which it shares the work: linear as that is. */
export function bareUrl(state: StateInline, silent: boolean): boolean {
  BARE.lastIndex = state.pos;
  const [, before = '', found] = BARE.exec(state.src) ?? [];
  if (found === undefined) return false;
  const from = state.pos + before.length;
  const url = withoutEnd(found.slice(0, Math.max(0, state.posMax - from)));
  if (!silent) state.pending += before + state.md.utils.unescapeAll(url);
  state.pos = Math.min(from + url.length, state.posMax);
  return true;
}

/** Punctuation of the sentence around it, closing marks and brackets that were opened before it are not its own. */
function withoutEnd(url: string): string {
  let end = url.length;
  let unopened = url.split(')').length - url.split('(').length;
  for (; end > 0 && url[end - 2] !== '\\'; end--) {
    const last = url.charAt(end - 1);
    const entity = last === ';' ? /&#?\w{1,31};$/.exec(url.slice(Math.max(0, end - 40), end)) : null;
    if (entity !== null) end -= entity[0].length - 1;
    else if (last === ')' ? unopened-- <= 0 : !'?!.,:;*_~\'"'.includes(last)) break;
  }
  return url.slice(0, end);
}
