import { dirname, resolve } from 'node:path';
import { readDocument } from '../language/document.ts';
import { substituteVariables, type Variables, variablesIn } from './environment.ts';
import { resolveVariables } from './variable-files.ts';

/** Where a config has its templates, whatever else is wrong with it. `text`: what the file holds. */
export async function templatesFolder(text: string, file: string, variables: Variables): Promise<string> {
  const written = readDocument(text, file).asWritten(['templates']) ?? './templates';
  const resolved = await resolveVariables(variablesIn(written), variables);
  return resolve(
    dirname(resolve(file)),
    substituteVariables(resolved)(written, () => undefined),
  );
}
