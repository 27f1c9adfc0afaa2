import { describe, expect, it } from 'vitest';
import { WorkBudget, WorkLimitError } from '../../src/language/work.ts';

describe('a budget of work', () => {
  it('may be spent to the last step', () => {
    const work = new WorkBudget(3);
    work.spend(2);
    work.spend(1);
    expect(work.exceeded).toBe(false);
  });

  it('fails once more is spent, and stays so', () => {
    const work = new WorkBudget(3);
    expect(() => work.spend(4)).toThrow(new WorkLimitError(3));
    expect(() => work.spend(0)).toThrow(WorkLimitError);
    expect(work.exceeded).toBe(true);
  });
});
