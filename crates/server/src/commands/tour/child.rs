//! The server of the tour: a process of its own, that can be killed.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use roomcall_server::private_file::write_new;

/// How long a server may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where everything of a tour is.
#[derive(Clone, Debug)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    /// The store as the kill left it.
    pub(super) fn killed(&self, kill: u32) -> PathBuf {
        self.0.join(format!("killed-{kill}"))
    }

    /// Keeps the store as a kill left it.
    pub(super) fn copy_killed(&self, kill: u32) -> io::Result<()> {
        copy(&self.store(), &self.killed(kill))
    }

    pub(super) fn secret(&self) -> PathBuf {
        self.0.join("secret.txt")
    }

    fn config(&self) -> PathBuf {
        self.0.join("roomcall.toml")
    }

    /// Writes the configuration of a server that posts events there, signed with that.
    pub(super) fn configure(&self, url: &str, secret: &str) -> io::Result<()> {
        let file = self.0.join("webhook-secret.txt");
        write_new(&file, secret)?;
        let webhook = format!(
            "[[webhook]]\nname = \"tour\"\nurl = {url:?}\nsecret-files = [{:?}]\n",
            file.to_string_lossy()
        );
        fs::write(self.config(), webhook)
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("server.log")
    }
}

/// Copies a directory and everything in it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// A server that runs. It does not outlive whoever has it.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// Where it listens.
    pub(super) address: String,
}

impl Running {
    /// Starts a server at an address; at port 0 it takes one that is free.
    pub(super) fn start(folder: &Folder, listen: &str) -> io::Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Self::try_start(folder, listen) {
                // Somebody else may have the port for a moment.
                Err(_) if Instant::now() < deadline => sleep(Duration::from_millis(200)),
                started => return started,
            }
        }
    }

    fn try_start(folder: &Folder, listen: &str) -> io::Result<Self> {
        let log = File::options().create(true).append(true).open(folder.log())?;
        let mut server = Command::new(std::env::current_exe()?);
        // What the environment says is for another server.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ROOMCALL_") {
                server.env_remove(name);
            }
        }
        let mut child = server
            .args(["serve", "--listen", listen, "--keep-journal", "--snapshot-bytes", "100000"])
            .args(["--log", "warn"])
            .args([Path::new("--store"), &folder.store()])
            .args([Path::new("--secret-file"), &folder.secret()])
            .args([Path::new("--config"), &folder.config()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        match line.trim_end().strip_prefix("listening on ") {
            Some(address) => Ok(Self { child, address: address.to_owned() }),
            None => {
                let status = child.wait()?;
                let said = fs::read_to_string(folder.log()).unwrap_or_default();
                let last = said.lines().last().unwrap_or("nothing in its log").to_owned();
                Err(io::Error::other(format!("the server does not start ({status}): {last}")))
            }
        }
    }

    /// Kills it, as `kill -9` does: it has no time to do anything.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Asks it to stop.
    pub(super) fn terminate(&mut self) -> io::Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        if !asked.success() {
            return Err(io::Error::other("`kill -TERM` does not work here"));
        }
        Ok(())
    }

    /// How it has ended, if it has.
    pub(super) fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Asks it to stop, and waits until it has.
    pub(super) async fn stop(mut self) -> io::Result<ExitStatus> {
        self.terminate()?;
        self.wait().await
    }

    /// Waits until it has stopped.
    pub(super) async fn wait(mut self) -> io::Result<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let seconds = PATIENCE.as_secs();
        Err(io::Error::other(format!("the server has not stopped {seconds} s after SIGTERM")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be over already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
