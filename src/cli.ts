#!/usr/bin/env node
/** Checks the Node version before anything newer than it is loaded, then hands over to the commands. */
const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < NEEDED) {
  process.stderr.write(
    `alo-relay needs Node ${NEEDED} or newer; this is ${process.version} (${process.execPath}). ` +
      'In a clone, npm start and npx alo-relay use the right one.\n',
  );
  process.exitCode = 2;
} else {
  // Compiled code is kept for the next start, which takes a quarter less time and memory then.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { run } = await import('./commands/program.ts');
  process.exitCode = await run(process.argv.slice(2));
}
