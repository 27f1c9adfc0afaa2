import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../style.css';
import '../dashboard/dashboard.css';
import '../dashboard/parts.css';
import './playground.css';
import './editing.css';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
