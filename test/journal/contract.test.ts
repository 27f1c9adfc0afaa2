import { openJournal, openJournalInProcess } from '../../src/journal/open.ts';
import { journalContract } from './contract.ts';

journalContract('SQLite in its own thread', (path) => openJournal(path));
journalContract('SQLite in process', (path) => openJournalInProcess(path));
