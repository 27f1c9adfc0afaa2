/** As much of PromQL as it takes to tell which metrics and labels an expression names. */
export interface Named {
  /** Metric names, with the labels that the selector of each names. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** Labels of by (…), on (…) and the like. */
  readonly grouped: readonly string[];
}

const OPERATORS = new Set(['and', 'or', 'unless', 'bool', 'offset']);
const NUMBERS = new Set(['inf', 'nan']);

/** Throws for what is certainly no expression. */
export function namedIn(expression: string): Named {
  const balance = new Map([...'(){}[]'].map((sign) => [sign, expression.split(sign).length]));
  for (const [open, close] of ['()', '{}', '[]'].map((pair) => [...pair])) {
    if (balance.get(open ?? '') !== balance.get(close ?? '')) throw new Error(`not balanced: ${expression}`);
  }
  const grouped: string[] = [];
  const selectors: { metric: string; labels: string[] }[] = [];
  const rest = expression
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g, (_, list: string) => {
      grouped.push(
        ...list
          .split(',')
          .map((label) => label.trim())
          .filter(Boolean),
      );
      return ' ';
    })
    .replaceAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g, (_, metric: string, matchers: string) => {
      const labels = matchers.split(/,(?=\s*\w+\s*[=!])/).map((matcher) => {
        const [, label] = /^\s*([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"\s*$/.exec(matcher) ?? [];
        if (label === undefined) throw new Error(`not a matcher: ${matcher}`);
        return label;
      });
      selectors.push({ metric, labels });
      return ' ';
    });
  for (const [, name = '', call] of rest.matchAll(/(?<![\w.])([a-zA-Z_:][\w:]*)\s*(\()?/g)) {
    if (call === undefined && !OPERATORS.has(name) && !NUMBERS.has(name.toLowerCase())) {
      selectors.push({ metric: name, labels: [] });
    }
  }
  return { selectors, grouped };
}
