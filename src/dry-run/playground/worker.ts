/** The playground's thread: does one dry run after the other. What is typed there can hold up this thread, and no other. */
import { parentPort } from 'node:worker_threads';
import { writeJson } from '../../core/json.ts';
import { type PlaygroundOrder, runPlayground } from './run.ts';

/** Also tells that it is ready. */
parentPort?.postMessage(null);

parentPort?.on('message', (order: PlaygroundOrder) => {
  // As text: values that conditions compute may be anything, and not everything can be sent.
  void runPlayground(order).then((answer) => parentPort?.postMessage(writeJson(answer)));
});
