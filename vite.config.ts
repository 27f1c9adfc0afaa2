import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/web',
  base: './',
  publicDir: false,
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // Blocks, emoji names and React in one file: it comes from this machine, once.
    chunkSizeWarningLimit: 1500,
  },
});
