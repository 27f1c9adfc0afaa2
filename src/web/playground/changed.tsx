import { type ReactNode, useState } from 'react';

interface ChangedProps {
  readonly text: string;
  /** Where it belongs. */
  readonly file: string;
  readonly onBack: () => void;
}

/** Nothing is saved here: what was changed is taken along by copying it. */
export function Changed({ text, file, onBack }: ChangedProps): ReactNode {
  const [copied, setCopied] = useState<string | null>(null);
  const copy = () => {
    copyText(text).then(
      () => setCopied(`Copied. Paste it into ${file}.`),
      () => setCopied('The browser does not let this page copy: select the text, and copy it yourself.'),
    );
  };
  return (
    <p className="play-changed">
      Nothing was saved: paste this into <code>{file}</code>.{' '}
      <button type="button" className="button button-small" onClick={copy} onBlur={() => setCopied(null)}>
        Copy
      </button>{' '}
      <button type="button" className="button button-small" onClick={onBack}>
        Back to the file’s
      </button>{' '}
      <span role="status">{copied}</span>
    </p>
  );
}

/** Away from this machine and without TLS, browsers have no clipboard for pages but the old way. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (!done) throw new Error('not copied');
}
