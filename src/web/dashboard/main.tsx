import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../style.css';
import './dashboard.css';
import './parts.css';
import './overview.css';
import './lists.css';
import './event.css';
import './audit.css';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
