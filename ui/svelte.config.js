// Runes everywhere; the compiler's own accessibility warnings are errors in `npm run types`.
export default { compilerOptions: { runes: true } };
