/** Every command, in the order in which the help shows them. */
import type { Command } from 'commander';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { deliveriesCommand } from './deliveries.ts';
import { dismissCommand } from './dismiss.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { fieldsCommand } from './fields.ts';
import { initCommand } from './init.ts';
import { manifestCommand } from './manifest.ts';
import { moveCommand } from './move.ts';
import { replayCommand } from './replay.ts';
import { restoreCommand } from './restore.ts';
import { schemaCommand } from './schema.ts';
import { sendCommand } from './send.ts';
import { serveCommand } from './serve.ts';
import { statusCommand } from './status.ts';
import { templatesCommand } from './templates.ts';
import { testCommand } from './test.ts';

/** `exit` is told the exit code. */
export type MakeCommand = (exit: (code: number) => void) => Command;

export const COMMANDS: readonly MakeCommand[] = [
  serveCommand,
  initCommand,
  checkCommand,
  explainCommand,
  testCommand,
  fieldsCommand,
  doctorCommand,
  sendCommand,
  statusCommand,
  deliveriesCommand,
  replayCommand,
  dismissCommand,
  auditCommand,
  backupCommand,
  restoreCommand,
  moveCommand,
  manifestCommand,
  templatesCommand,
  schemaCommand,
];
