import { resolve } from 'node:path';
import { folderAt } from '../../src/core/built-files.ts';

/** The folder of the built pages: the program's own, unless WEB_FOLDER names one to try. */
export const BUILT = process.env.WEB_FOLDER ?? resolve(import.meta.dirname, '../../dist/web');
export const BUILT_PAGES = folderAt(BUILT);
