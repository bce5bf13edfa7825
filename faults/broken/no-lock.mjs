/** Broken on purpose: no lock is held while sending, so that a paused sender looks like a dead one. */
export const patches = {
  'platform/database/database.js': `{
  const original = inner.Database.prototype.session;
  inner.Database.prototype.session = async function () {
    const session = await original.call(this);
    return {
      lost: session.lost,
      release: () => session.release(),
      query: (sql, parameters) =>
        /hashtextextended/.test(sql) ? Promise.resolve([{ free: true }]) : session.query(sql, parameters),
    };
  };
}`,
};
