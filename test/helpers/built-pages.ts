import { builtPagesFolder } from '../../src/core/built-pages.ts';

/** The folder of the built pages: the program's own, unless WEB_FOLDER names one to try. */
export const BUILT = process.env.WEB_FOLDER ?? builtPagesFolder();
