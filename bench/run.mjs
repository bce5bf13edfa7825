/**
 * Which benchmark `npm run bench -- …` means: `webhooks`, `policy`, `oracle` or `risk` by name, else one night (bench/night.mjs). What each
 * takes stands at its head.
 */
const [subject, ...args] = process.argv.slice(2);

if (['webhooks', 'policy', 'oracle', 'risk'].includes(subject)) {
  const { run } = await import(`./${subject}.mjs`);
  await run(args);
} else {
  await import('./night.mjs');
}
