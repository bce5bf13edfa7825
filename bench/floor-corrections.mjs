/** As many writes as the hub will have to send, in the same batches and to the same doors; their values do not matter to the floor. */

const DOORS = {
  payroll: {
    path: '/api/v2/employees/social-status',
    method: 'PUT',
    batch: 200,
    body: (n) => ({ items: Array.from({ length: n }, (_, i) => ({ empNo: `A${i}`, socialStatus: '正常' })) }),
  },
  attendance: {
    path: '/topapi/roster/update',
    method: 'POST',
    batch: 100,
    body: (n) => ({
      list: Array.from({ length: n }, (_, i) => ({ userid: `u${i}`, fields: [{ code: 'ssStatus', value: '1' }] })),
    }),
  },
  agency: {
    path: '/open/v1/members/status',
    method: 'POST',
    batch: 100,
    body: (n) => ({ items: Array.from({ length: n }, (_, i) => ({ memberId: `m${i}`, state: '在缴' })) }),
  },
  bureau: {
    path: '/v1/declarations',
    method: 'POST',
    batch: 200,
    body: (n) => ({
      declarations: Array.from({ length: n }, (_, i) => ({
        ref: `f${i}`,
        personNo: `p${i}`,
        aae140: '110',
        base: '5000.00',
        effectiveMonth: '202303',
      })),
    }),
  },
};

/** @param {Record<string, {expected: number}>} bySystem the sandbox's own count of what is to be corrected */
export function floorCorrections(bySystem) {
  return Object.entries(bySystem).map(([system, { expected }]) => {
    const { path, method, batch, body } = DOORS[system];
    const bodies = [];
    for (let left = expected; left > 0; left -= batch) bodies.push(body(Math.min(left, batch)));
    return { system, path, method, bodies };
  });
}
