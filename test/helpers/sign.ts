/** Signs as the sender of a type does. */
import type { Secret } from '../../src/core/secret.ts';
import { SOURCE_TYPES, type SourceTypeName } from '../../src/sources/registry.ts';
import type { OutgoingMessage } from '../../src/sources/source-type.ts';

type Signing = Omit<OutgoingMessage, 'secret'> & { readonly type: SourceTypeName; readonly secret: Secret };

export function sign({ type, secret, ...message }: Signing): Record<string, string> {
  return SOURCE_TYPES[type].sign({ secret: secret.reveal(), ...message });
}
