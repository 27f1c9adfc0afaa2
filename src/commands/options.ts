import { InvalidArgumentError, Option } from 'commander';

/** A fresh option a command: commander keeps state in it. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'the config file').env('ALO_RELAY_CONFIG').default('config.yaml');
}

/** A parser for a whole number between two bounds, both included. */
export function wholeNumber(low: number, high: number): (written: string) => number {
  return (written) => {
    const value = Number(written);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`A whole number from ${low} to ${high} is needed.`);
  };
}
