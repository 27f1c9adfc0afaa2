/** What whoever is signed in may do. The listener refuses the rest; this keeps the page from offering it. */
import { createContext, useContext } from 'react';
import type { Role } from '../../core/actor.ts';

const RoleContext = createContext<Role>('read-only');

export const RoleProvider = RoleContext.Provider;

/** Whether to offer what changes something. */
export function useMayChange(): boolean {
  return useContext(RoleContext) === 'operator';
}
