/** What the made-up data has in common. */
export type Scenario = 'busy' | 'calm' | 'silent' | 'empty' | 'broken';

/** So many, numbered from 1. */
export const EVENTS = 100_000;
export const HOSTILE_TITLE = '<img src=x onerror="document.title=\'pwned\'"><script>document.title="pwned"</script>';

export const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
