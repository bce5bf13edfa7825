/** Whether every migration leaves a node of the release before at work: it adds, and takes away only what a reason is given for. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MIGRATIONS } from '../../src/platform/database/migrations/all-migrations.js';
import { contractionsOf } from '../support/expand-rules.js';

/** `Migration: what` → why the release before goes on working. */
const WIDER = 'the closed list becomes longer; nothing that was accepted is refused';
const HISTORY = 'refuses changes of history, which no release ever made';
const KEYS = 'refuses only what rests on a key that an operator has closed; without a rotation it refuses nothing';
const REASONS: Readonly<Record<string, string>> = {
  'Schedules1795654800000: occurrence: drop constraint occurrence_reason_check': WIDER,
  'Schedules1795654800000: occurrence: add constraint occurrence_reason_check check': WIDER,
  'Access1795665600000: audit_event: trigger': HISTORY,
  'Access1795665600000: operation_event: trigger': HISTORY,
  'EmployeeLinks1795665660000: case_event: trigger': HISTORY,
  'EmployeeLinks1795665660000: case_confirmation: trigger': HISTORY,
  'EmployeeLinks1795665660000: case_approval: trigger': HISTORY,
  'KeyUse1795902000000: person: trigger': KEYS,
  'KeyUse1795902000000: quarantined_row: trigger': KEYS,
  'KeyUse1795902000000: webhook_delivery: trigger': KEYS,
  'KeyUse1795902000000: employee_link: trigger': KEYS,
};

/** One migration that makes two tables, and then one that does `sql`. */
function after(sql: string): Parameters<typeof contractionsOf>[0] {
  return [
    class First implements MigrationInterface {
      readonly name = 'First';
      up = (runner: QueryRunner): Promise<void> =>
        runner.query('CREATE TABLE buduan.a (x text); CREATE TABLE buduan.b (y int)');
      down = (): Promise<void> => Promise.resolve();
    },
    class Second implements MigrationInterface {
      readonly name = 'Second';
      up = (runner: QueryRunner): Promise<void> => runner.query(sql);
      down = (): Promise<void> => Promise.resolve();
    },
  ];
}

it('only expands what an earlier release uses, or says why it may do otherwise', async () => {
  const found = (await contractionsOf(MIGRATIONS)).map(({ migration, what }) => `${migration}: ${what}`);
  expect(found.filter((each) => !(each in REASONS))).toEqual([]);
  expect(Object.keys(REASONS).filter((each) => !found.includes(each))).toEqual([]);
});

it.each([
  ['ALTER TABLE buduan.a DROP COLUMN IF EXISTS x', 'a: drop column x'],
  ['ALTER TABLE buduan.a RENAME COLUMN x TO z', 'a: rename column x to z'],
  ['ALTER TABLE ONLY buduan.a RENAME TO c', 'a: rename to c'],
  ['ALTER TABLE buduan.b ADD COLUMN z int, ALTER COLUMN y SET NOT NULL', 'b: alter column y set not null'],
  ['ALTER TABLE buduan.b ALTER y TYPE bigint USING y::bigint', 'b: alter y type bigint using y::bigint'],
  ['ALTER TABLE buduan.b ADD COLUMN z int NOT NULL', 'b: add column z not null without default'],
  ['ALTER TABLE buduan.b ADD CONSTRAINT few CHECK (y < 3, true)', 'b: add constraint few check'],
  ['ALTER TABLE buduan.b DROP CONSTRAINT few', 'b: drop constraint few'],
  ['CREATE UNIQUE INDEX once ON buduan.b (y)', 'b: unique index'],
  ['CREATE TRIGGER t BEFORE INSERT OR UPDATE\n ON buduan.b FOR EACH ROW EXECUTE FUNCTION f()', 'b: trigger'],
  ['DROP TABLE IF EXISTS buduan.a', 'a: drop table'],
  ['UPDATE buduan.a SET x = NULL', 'a: update of rows'],
  ['REVOKE UPDATE, DELETE ON buduan.a FROM somebody', 'a: revoke'],
])('sees that %p breaks a node that still works', async (sql, what) => {
  expect(await contractionsOf(after(sql))).toEqual([{ migration: 'Second', what }]);
});

it.each([
  'ALTER TABLE buduan.a ADD COLUMN z int, ADD COLUMN w text NOT NULL DEFAULT 1',
  'CREATE TABLE buduan.c (z int); ALTER TABLE buduan.c ALTER COLUMN z SET NOT NULL; CREATE UNIQUE INDEX o ON buduan.c (z)',
  'CREATE INDEX o ON buduan.a (x) -- not UNIQUE; DROP TABLE buduan.a',
  'ALTER TABLE buduan.a ALTER COLUMN x DROP DEFAULT',
])('takes %p for an expansion', async (sql) => {
  expect(await contractionsOf(after(sql))).toEqual([]);
});
