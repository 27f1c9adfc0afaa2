/** The token that a command is given for a running service, apart from any config. */
import type { Variables } from '../config/environment.ts';
import { readValue, resolveVariables } from '../config/variable-files.ts';
import { RelayError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

const VARIABLE = 'ALO_RELAY_TOKEN';

/** Of the file, else of the variable ALO_RELAY_TOKEN. Null: none is given. @throws RelayError `usage`. */
export async function givenToken(environment: Variables, file?: string): Promise<Secret | null> {
  if (file !== undefined) {
    const read = await readValue(file);
    if (!read.ok) throw new RelayError('usage', `--token-file: ${file} ${read.why}. ${read.remedy}`.trimEnd());
    return tokenOf(read.value);
  }
  const { values, problems } = await resolveVariables([VARIABLE], environment);
  const problem = problems.get(VARIABLE);
  if (problem !== undefined && problem.severity !== 'warning')
    throw new RelayError('usage', `${problem.message} ${problem.remedy}`);
  return tokenOf(values[VARIABLE] ?? '');
}

function tokenOf(text: string): Secret | null {
  const token = text.trim();
  return token === '' ? null : new Secret(token);
}
